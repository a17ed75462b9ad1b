/** The token of a one-time link. It stands behind the #, which browsers never send, so that no server or proxy logs it:
 *  `/setup#<token>` or `/setup#token=<token>`. */
export function linkToken(): string {
  const text = decodeURIComponent(location.hash.slice(1));
  return text.startsWith("token=") ? text.slice("token=".length) : text;
}
