// The frame page: /viewer/frame?theme=dark&target=server/srv-1#token=dbv_…
// The token is in the fragment, which no browser sends to a server. The page tells the one that frames it how high it is, and
// when the token has ended; a new one comes as a message or as a new fragment.

const passed = ["theme", "locale", "target", "compact", "no-filter", "tasks", "mails"];

const view = document.createElement("daybook-activity");
const options = new URLSearchParams(location.search);
for (const name of passed) {
  const value = options.get(name);
  if (value !== null) view.setAttribute(name, value);
}
const theme = options.get("theme");
if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;

readToken();
addEventListener("hashchange", readToken);
addEventListener("message", (message: MessageEvent<unknown>) => {
  // Who frames the page gave it its first token, too: nobody else is listened to.
  if (message.source !== parent || typeof message.data !== "object" || message.data === null) return;
  const { type, token } = message.data as { type?: unknown; token?: unknown };
  if (type === "daybook-token" && typeof token === "string") view.setAttribute("token", token);
});
view.addEventListener("daybook-token-expired", () => tell({ type: "daybook-token-expired" }));
new ResizeObserver(() =>
  tell({ type: "daybook-height", height: Math.ceil(view.getBoundingClientRect().height) }),
).observe(view);
document.querySelector("main")?.append(view);

function readToken(): void {
  const token = new URLSearchParams(location.hash.slice(1)).get("token");
  if (token !== null) view.setAttribute("token", token);
}

/** Says nothing secret, so anybody who frames the page may hear it. */
function tell(data: object): void {
  if (parent !== window) parent.postMessage(data, "*");
}
