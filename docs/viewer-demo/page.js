// Gets a token from the panel and gives it to the component, or to the frame; and a new one when it has ended.

async function newToken() {
  const response = await fetch("/token", { method: "POST" });
  return response.json();
}

const { token, daybook } = await newToken();

const view = document.querySelector("daybook-activity");
view?.setAttribute("token", token);
view?.addEventListener("daybook-token-expired", async () => view.setAttribute("token", (await newToken()).token));

const frame = document.querySelector("iframe");
if (frame) {
  frame.src = `${daybook}/viewer/frame?tasks&mails#token=${token}`;
  addEventListener("message", async ({ source, data }) => {
    if (source !== frame.contentWindow) return;
    if (data?.type === "daybook-height") frame.height = data.height;
    if (data?.type === "daybook-token-expired")
      frame.contentWindow.postMessage({ type: "daybook-token", token: (await newToken()).token }, daybook);
  });
}
