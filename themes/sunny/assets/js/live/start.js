// /start/: the first page on the computer that runs the program.
import { h, fill, redraw, byId, sentence, whileBusy } from "./lib/dom.js";
import { api, ApiError, download } from "./lib/api.js";
import { signInForm } from "./lib/sign-in.js";

const root = byId("start");
show();

async function show() {
  try {
    /** @type {Setup} */
    const setup = await api("/staff/setup");
    redraw(root, addresses(setup), account(setup), links(setup));
  } catch (err) {
    const denied = err instanceof ApiError && err.status === 403;
    redraw(root, h("section", { class: "card" }, h("h2", null, denied ? "请在主机上打开" : "还没有准备好"), h("p", null, sentence(err)),
      h("p", { class: "btn-row" }, h("a", { class: "btn", href: "/" }, "回首页"), !denied && h("button", { class: "btn btn-primary", click: show }, "再试一次"))));
  }
}

/** @param {Setup} s */
function addresses(s) {
  const lan = s.lan_urls.length ? s.lan_urls : s.loopback_only ? [] : [s.site_url];
  return h("section", { class: "card start-card" }, h("h2", null, "给学生和老师的网址"),
    lan.length ? h("div", { class: "start-way" },
      h("div", null, ...lan.map((url) => h("p", { class: "start-url" }, url)), h("p", { class: "muted" }, "同一个校园网里的电脑、平板打开这个网址，或者扫一扫。")),
      s.qr_svg && h("img", { class: "start-qr", alt: "网址的二维码", src: "data:image/svg+xml;charset=utf-8," + encodeURIComponent(s.qr_svg) }))
      : h("div", { class: "notice" }, h("p", null, h("strong", null, "现在只有这台电脑能打开。"), "网址是 " + s.site_url + " 。要让教室里的设备进来：开一次课堂答题，在等候页点“开放给本教室”。")),
    s.os === "windows" && h("p", { class: "notice" }, "如果弹出防火墙提示，请勾选“专用网络”并允许访问。别的电脑还是打不开时，请学校的网络管理员放行本程序。"));
}

/** @param {Setup} s */
function account(s) {
  const create = !s.has_account;
  const box = h("section", { class: "card start-card" }, h("h2", null, create ? "建立管理员账号（需要备份时再做也行）" : "工作人员登录"),
    create && h("p", null, "有了管理员账号，就能在这一页下载备份。上课和答题都不需要账号。"),
    signInForm(create, (who) => redraw(box, h("h2", null, "已登录：" + who.name),
      h("p", null, create ? "账号建好了。请把密码记在安全的地方。" : "现在可以下载备份。"), backup())));
  if (!create) box.append(h("div", { class: "start-backup" }, h("p", { class: "muted" }, "已经登录过？"), backup()));
  return box;
}

function backup() {
  const note = h("p", { class: "form-error", role: "alert" });
  const button = h("button", { type: "button", class: "btn", click: () => whileBusy(button, save) }, "下载备份");

  async function save() {
    fill(note, "正在准备备份…");
    try {
      await download("/staff/backup", "阳光校园备份-" + new Date().toISOString().slice(0, 10) + ".zip");
      fill(note);
    } catch (err) {
      fill(note, err instanceof ApiError && err.status === 401 ? "请先登录，再下载备份。" : sentence(err));
    }
  }
  return h("div", null, button, note);
}

/** @param {Setup} s */
function links(s) {
  return h("section", { class: "card start-card" }, h("h2", null, "接下来"),
    h("p", { class: "btn-row" }, h("a", { class: "btn btn-primary", href: "/host/" }, "开一次课堂答题"), h("a", { class: "btn", href: "/staff/" }, "工作台：联系卡和到期的事"), h("a", { class: "btn", href: "/lessons/" }, "看课程"), h("a", { class: "btn", href: "/" }, "回首页")),
    h("p", { class: "muted small" }, "版本 " + s.version + "。关掉黑色的程序窗口，网站就停了；数据都留在这台电脑上。"));
}
