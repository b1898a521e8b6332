// Every page. Reading works without it; each part looks for its own elements and does nothing when they are absent.
import { textSize } from "./reading/size.js";
import { quickExit } from "./reading/leave.js";
import { listFilter } from "./reading/filter.js";
import { playScenario } from "./reading/play.js";
import { backToClass } from "./reading/back.js";
import { printButtons } from "./reading/print.js";
import { pinyinSwitch } from "./reading/pinyin.js";
import { lookup } from "./reading/lookup.js";
import { sheets } from "./reading/sheet.js";
import { citations } from "./reading/cite.js";
import { noteVisit } from "./reading/recent.js";
import { keepForOffline } from "./reading/offline.js";

document.documentElement.classList.add("js");
textSize();
document.querySelector(".site-nav [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
quickExit();
listFilter();
playScenario();
printButtons();
pinyinSwitch();
lookup();
sheets();
citations();
backToClass();
noteVisit();
keepForOffline();
