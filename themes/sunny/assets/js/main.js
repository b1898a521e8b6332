// Every page. Reading works without it; each part looks for its own elements and does nothing when they are absent. What only
// some kinds of page have comes in list.js, story.js and page.js.
import { textSize } from "./reading/size.js";
import { quickExit } from "./reading/leave.js";
import { backToClass } from "./reading/back.js";
import { printButtons } from "./reading/print.js";
import { pinyinSwitch } from "./reading/pinyin.js";
import { noteVisit } from "./reading/recent.js";
import { keepForOffline } from "./reading/offline.js";

document.documentElement.classList.add("js");
textSize();
document.querySelector(".site-nav [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
quickExit();
printButtons();
pinyinSwitch();
backToClass();
noteVisit();
keepForOffline();
