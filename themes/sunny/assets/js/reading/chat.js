/** WeChat's browser: it neither prints nor keeps files. */
export const inChat = /MicroMessenger/i.test(navigator.userAgent);

/** Whether a page can be printed here; else it says where. */
export function canPrint() {
  if (inChat) alert("微信里打印不了。请点右上角“···”，选“在浏览器打开”，再打印。");
  return !inChat;
}
