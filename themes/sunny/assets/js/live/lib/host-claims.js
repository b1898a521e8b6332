// Another device takes over: it asks, both screens show a number, and the host lets it in. No key is shown or typed, so nobody who looks at the
// wall can take the class away.
import { h, byId, fill, redraw, sentence, whileBusy } from "./dom.js";
import { api, ApiError } from "./api.js";
import { remember } from "./keys.js";

/** @param {import("./host-room.js").HostRoom} host */
export function claimsDialog(host) {
  const dialog = /** @type {HTMLDialogElement} */ (byId("claims-dialog"));
  const way = byId("claims-way");
  const waiting = byId("claims-waiting");

  function open() {
    fill(way, h("p", { class: "muted" }, "正在准备…"));
    dialog.showModal();
    return prepare();
  }

  async function prepare() {
    try {
      const door = await api(host.path + "/claims", { method: "PUT", token: host.token });
      fill(way, door.loopback_only ? onlyHere()
        : h("div", { class: "claims-way" }, h("img", { class: "claims-qr", alt: "扫码在另一台设备上打开", src: "data:image/svg+xml;charset=utf-8," + encodeURIComponent(door.qr_svg) }),
          h("ol", null, h("li", null, "用您的手机或者另一台电脑扫一扫，也可以打开 " + door.host_url.replace(/^http:\/\//, "") + " 。"), h("li", null, "在那边点“接手”，会出来一个三位数。"), h("li", null, "这里也会出来。两边一样，再点“同意”。"))));
    } catch (err) {
      fill(way, h("p", { class: "form-error", role: "alert" }, sentence(err)));
    }
  }

  /** Nothing else can reach this computer yet. */
  function onlyHere() {
    const error = h("p", { class: "form-error", role: "alert" });
    const share = h("button", { class: "btn btn-primary", type: "button", click: () => whileBusy(share, async () => {
      try {
        await api(host.path + "/share", { method: "POST", token: host.token });
        await prepare();
      } catch (err) {
        fill(error, sentence(err));
      }
    }) }, "开放给本教室");
    return h("div", { class: "notice" }, h("p", null, "现在只有这台电脑能打开本站。"), share, error);
  }

  /** @param {string} number @param {boolean} admit */
  async function decide(number, admit) {
    try {
      await api(host.path + "/claims/" + number, { token: host.token, body: { admit } });
      if (admit) dialog.close();
    } catch (err) {
      fill(note, sentence(err));
    }
  }

  const dismiss = /** @type {HTMLButtonElement} */ (byId("dismiss-hosts"));
  dismiss.addEventListener("click", () => whileBusy(dismiss, async () => {
    try {
      await api(host.path + "/hosts", { method: "DELETE", token: host.token });
      fill(note, "别的设备都退出了。");
    } catch (err) {
      fill(note, sentence(err));
    }
  }));
  const note = h("p", { role: "status" });
  dialog.append(note);
  /** By number: a row stays where it is while others come and go. @type {Map<string, HTMLElement>} */
  const rows = new Map();

  /** @param {string} number */
  function row(number) {
    const decides = (/** @type {boolean} */ admit) => (/** @type {MouseEvent} */ e) => { if (e.detail < 2) decide(number, admit); };
    return h("p", { class: "claim", role: "status" }, h("span", null, "想接手的设备上写着 ", h("strong", null, number), " 吗？"),
      h("button", { class: "btn btn-primary", type: "button", click: decides(true) }, "一样，同意"),
      h("button", { class: "btn", type: "button", click: decides(false) }, "不是我的"));
  }

  return {
    open,
    /** @param {Room} room */
    update(room) {
      const claims = room.claims || [];
      for (const [number, el] of rows) {
        if (claims.includes(number)) continue;
        el.remove();
        rows.delete(number);
      }
      for (const number of claims) {
        if (rows.has(number)) continue;
        const el = row(number);
        rows.set(number, el);
        waiting.append(el);
        if (!dialog.open) dialog.showModal();
      }
    },
  };
}

/** On the other device. @param {HTMLElement} root @param {string} code */
export function claimForm(root, code) {
  const note = h("p", { role: "status" });
  const ask = h("button", { class: "btn btn-primary btn-big", type: "button", click: () => whileBusy(ask, claim) }, "用这台设备接手");
  redraw(root, h("h1", null, "接手这间教室"), h("p", null, "这台设备没有主持过这间教室。开课的那台还在：先在大屏上点", h("b", null, "换设备"), "，再点下面的按钮。"), h("p", { class: "btn-row" }, ask, h("a", { class: "btn", href: "/host/" }, "另开一间")), note);

  async function claim() {
    try {
      const { claim: secret, number } = await api("/rooms/" + code + "/claims", { method: "POST" });
      fill(note, "请看大屏：两边的数字一样，就在大屏上点“同意”。", h("strong", { class: "claim-number" }, number));
      await wait(secret);
    } catch (err) {
      fill(note, sentence(err));
    }
  }

  /** @param {string} secret */
  async function wait(secret) {
    for (;;) {
      await new Promise((on) => setTimeout(on, 1200));
      let result;
      try {
        result = await api("/rooms/" + code + "/claims", { token: secret });
      } catch (err) {
        if (err instanceof ApiError && err.again) continue; // the line comes back
        throw err;
      }
      if (result.state === "refused") throw new Error("大屏上没有同意。数字对不上的话，再点一次。");
      if (result.state !== "admitted") continue;
      remember({ code, token: result.host_token, quiz: "", title: "", at: Date.now() });
      location.reload();
      return;
    }
  }
}
