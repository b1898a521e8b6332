// What only the teacher may see, on a screen that the class looks at: shown once the teacher says that nobody sees it.
import { h, fill } from "./dom.js";

/** @param {HTMLElement} box @param {string} verb what is going to be done @param {() => void} show */
export function covered(box, verb, show) {
  fill(box, h("p", null, h("b", null, "同学们看得见这块屏幕吗？")),
    h("p", null, "看得见：先按投影遥控器上的“黑屏”或“静音”键；也可以用“换设备”接到手机上，在手机上" + verb + "。"),
    h("p", { class: "btn-row" }, h("button", { type: "button", class: "btn btn-primary", click: show }, "同学们看不见，开始" + verb)));
}
