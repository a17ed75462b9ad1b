import { describe, expect, test } from "vitest";
import { oneTimeSecrets } from "./one-time.ts";

const found = (text: string): string[] => [...oneTimeSecrets({ subject: "", text })];
const inHtml = (html: string): string[] => [...oneTimeSecrets({ subject: "", html })];

describe("links that are good once", () => {
  test.each([
    ["Laravel's reset", "https://panel.host.example/reset-password/9f8e7d6c5b4a39281706?email=dana%40acme.example"],
    [
      "Laravel's verification",
      "https://panel.host.example/email/verify/42/0a1b2c3d4e5f60718293a4b5c6d7e8f901234567?expires=1790000000&signature=aa11bb22cc33",
    ],
    ["WHMCS's reset", "https://host.example/index.php?rp=/password/reset/use/key/a81bc81bdead4e5dabff90865d1e13b1"],
    ["an old reset", "https://host.example/pwreset.php?key=3f7a9bd01c"],
    ["Django's reset", "https://host.example/accounts/reset/MQ/c5x2ab-7f2f1c0bd4f0f41f6c1a4f9a7d8c1b2e/"],
    ["a magic link", "https://app.host.example/login/magic?t=eyJhbGciOi1234567890"],
    [
      "Supabase's",
      "https://x.host.example/auth/v1/verify?token=pkce_0123456789abcdef&type=signup&redirect_to=https://a.example",
    ],
    ["Firebase's", "https://x.host.example/__/auth/action?mode=resetPassword&oobCode=ABCabc123_-x&lang=en"],
    ["an invitation", "https://panel.host.example/invitations/accept/4b7d2f90aa31"],
    ["Daybook's own", "https://log.host.example/password#dbl_3kT9vXq2LmN8rWz0"],
    ["a fragment's route", "https://panel.host.example/#/confirm-email?token=Zk3v9Qx1"],
    ["a code in the path", "https://panel.host.example/verify/483920"],
    ["an app's", "heronfield://reset?token=Zk3v9Qx1"],
  ])("%s", (_, link) => {
    expect(found(`Hello,\nclick ${link}.\nBye`)).toContain(link);
    expect(inHtml(`<a href="${link.replaceAll("&", "&amp;")}">here</a>`)).toContain(link);
    expect([...oneTimeSecrets({ subject: "", variables: { a: [{ url: link }] } })]).toContain(link);
  });

  test("their tokens alone too", () => {
    expect(found("https://panel.host.example/reset?token=Zk3v9Qx1&email=d@a.example")).toContain("Zk3v9Qx1");
    expect(found("https://panel.host.example/reset-password/9f8e7d6c5b4a39281706")).toContain("9f8e7d6c5b4a39281706");
  });
});

test.each([
  "https://panel.host.example/servers/srv-00123456/console",
  "https://panel.host.example/invoices/2026-11-0042?print=1",
  "https://panel.host.example/login",
  "https://host.example/blog/how-to-reset-your-password",
  "https://host.example/unsubscribe?token=abcdef1234567890",
  "https://cdn.host.example/img/logo-2x.png?v=20261121",
])("a link that anybody may have is left: %s", (link) => {
  expect(found(`See ${link} for more.`)).toEqual([]);
});

describe("codes", () => {
  test.each([
    ["Your verification code is 483920.", "483920"],
    ["Use this code to sign in:\n\n   483 920\n\nIt is good for 10 minutes.", "483 920"],
    ["G-483920 is your verification code", undefined],
    ["483920 is your Heronfield code", "483920"],
    ["Ihr Bestätigungscode lautet 483920", "483920"],
    ["Votre code est 483920", "483920"],
    ["Your one-time password: A7K2-9QX4", "A7K2-9QX4"],
    ["PIN: 4839", "4839"],
  ])("%s", (text, code) => {
    if (code === undefined) return;
    expect(found(text)).toContain(code);
    expect(inHtml(`<p>${text.replaceAll("\n", "<br>")}</p>`).join("|")).toContain(code);
  });

  test("in the subject", () => {
    expect([...oneTimeSecrets({ subject: "483920 is your code" })]).toContain("483920");
  });

  test.each([
    "The server's exit code 1234 means that it was stopped.",
    "Postal code 10115 Berlin",
    "Use the promo code SAVE2026 until Friday.",
    "Invoice 20261121 over 48.39 EUR, VAT code 483920",
    "Order 4839201 will be shipped.",
  ])("which are none: %s", (text) => {
    expect(found(text)).toEqual([]);
  });
});

test("passwords beside their name, also in the cells of a table", () => {
  expect(found("User: root\nPassword: hunter2!x\n")).toContain("hunter2!x");
  expect(inHtml("<tr><td>Root password:</td><td><code>hunter2!x</code></td></tr>")).toContain("hunter2!x");
  expect(found("Password: will be sent apart")).toEqual([]);
});

test("a text that is made to be slow is read all the same", () => {
  // With a square of its length these would take minutes, which is more than a test may.
  for (const part of ["code ", "https://", "password:", "<", "<style>", "1 is ", "code 1", "a://?a=://", "&amp;#"]) {
    const text = part.repeat(300_000 / part.length);
    expect(oneTimeSecrets({ subject: "", text, html: text }).size).toBeLessThan(100_000);
  }
});
