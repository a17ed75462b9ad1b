import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { chromiumPath, openStand, type Stand, setUpOwner } from "./stand.ts";
import { faultsOf, type TemplateScreens, templateScreens } from "./template-screens.ts";

// In the order of one sitting: each test goes on from where the one before ended.
describe.skipIf(chromiumPath === undefined)("the editor of mail templates", { retry: 1 }, () => {
  let stand: Stand;
  let on: TemplateScreens;

  beforeAll(async () => {
    stand = await openStand();
    await setUpOwner(stand);
    on = templateScreens(stand, await stand.openSignedIn());
  }, 120_000);
  afterAll(() => stand.close());
  afterEach(() => expect(faultsOf(stand)).toEqual([]));

  test("what is written is seen at once, in a frame that may do nothing, and is saved with Ctrl+S", async () => {
    await on.show("/welcome", ".cm-editor");
    await on.write("<p id='hello'>Hello {{ user.name }} of the east wing</p><script>document.title = 'run'</script>");
    await on.frame().getByText("of the east wing").waitFor();
    expect(await on.page.locator("iframe").getAttribute("sandbox")).toBe("");
    expect(await on.page.title()).not.toBe("run");
    await on.page.getByLabel("Note for the list of versions").fill("East wing");
    await on.page.keyboard.press("Control+s");
    await on.saved().waitFor();
    const template = await on.read("welcome");
    expect(template).toMatchObject({ version: 1, changed: true });
    expect(template.html).toContain("of the east wing");
    await on.isClean("the editor");
  });

  test("the preview is 600 or 320 pixels wide, light or dark, or the text part", async () => {
    await on.show("/welcome", "iframe");
    const widthOf = () => on.page.locator("iframe").evaluate((element) => (element as HTMLElement).offsetWidth);
    expect(await widthOf()).toBe(600);
    await on.page.getByRole("button", { name: "320" }).click();
    expect(await widthOf()).toBe(320);
    await on.write(
      "<style>i{color:rgb(1,2,3)} @media (prefers-color-scheme: dark){i{color:rgb(4,5,6)}}</style><p><i>Seen</i></p>",
    );
    const colour = () =>
      on
        .frame()
        .getByText("Seen")
        .evaluate((element) => getComputedStyle(element).color);
    await expect.poll(colour).toBe("rgb(1, 2, 3)");
    await on.page.getByRole("button", { name: "Dark", exact: true }).click();
    await expect.poll(colour).toBe("rgb(4, 5, 6)");
    await on.page.getByRole("group", { name: "Part" }).getByRole("button", { name: "Text" }).click();
    await on.page.getByRole("region", { name: "Text part of the mail" }).getByText("Seen").waitFor();
    await on.page.getByRole("button", { name: "Undo all changes" }).click();
  });

  test("tokens, filters, tags and partials are completed", async () => {
    await on.show("/welcome", ".cm-editor");
    await on.write("<p>");
    const offered = on.page.locator(".cm-tooltip-autocomplete li");
    await on.page.keyboard.type("{{");
    await offered.filter({ hasText: "user.name" }).waitFor();
    await on.page.keyboard.type("user.na");
    await on.page.keyboard.press("Enter");
    await expect.poll(() => on.html().textContent()).toContain("{{ user.name }}");
    await on.page.keyboard.type(" | upc");
    await offered.filter({ hasText: "upcase" }).waitFor();
    await on.isClean("completion");
    await on.page.keyboard.press("Enter");
    await on.page.keyboard.press("Control+End");
    await on.page.keyboard.type("{% ren");
    await offered.filter({ hasText: "render" }).waitFor();
    await on.page.keyboard.press("Enter");
    expect(await on.html().textContent()).toContain("{{ user.name | upcase }}");
    await on.page.getByRole("button", { name: "Undo all changes" }).click();
  });

  test("Tab leaves the editor, and Esc gives the focus up", async () => {
    await on.show("/welcome", ".cm-editor");
    const focused = () =>
      on.page.evaluate("document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.tagName");
    const before = await on.html().textContent();
    await on.html().click();
    expect(await focused()).toBe("HTML");
    await on.page.keyboard.press("Tab");
    expect(await focused()).not.toBe("HTML");
    await on.html().click();
    await on.page.keyboard.press("Escape");
    expect(await focused()).toBe("BODY");
    expect(await on.html().textContent()).toBe(before);
  });

  test("an unknown token and a broken tag are marked where they are and told in words", async () => {
    await on.show("/welcome", ".cm-editor");
    await on.write("<p>\n{{ user.nme }}</p>");
    await on.page.locator(".cm-lintRange-warning").getByText("user.nme").waitFor();
    await on.page.getByRole("list", { name: "Faults" }).getByText("user.nme").waitFor();
    await on.page.getByRole("list", { name: "Faults" }).getByText("line 2").first().waitFor();
    await on.isClean("faults");
    await on.write("<p>{% if user.name %}never ends</p>");
    await on.page.locator(".fault-list [data-severity=error]").first().waitFor();
    await on.page.getByRole("button", { name: "Undo all changes" }).click();
    await on.page.locator(".fault-list [data-severity=error]").first().waitFor({ state: "detached" });
  });

  test("changes that are not saved are asked after, kept, and shown on coming back", async () => {
    await on.show("/welcome", ".cm-editor");
    await on.write("<p>Half a thought</p>");
    await on.page.getByRole("link", { name: "All templates" }).click();
    await on.page.getByRole("alertdialog").getByText("Leave with unsaved changes?").waitFor();
    await on.page.getByRole("button", { name: "Stay" }).click();
    expect(await on.html().textContent()).toContain("Half a thought");
    await on.page.getByRole("link", { name: "All templates" }).click();
    await on.page.getByRole("alertdialog").getByRole("button", { name: "Leave" }).click();
    await on.page.locator("[data-template=welcome] a").click();
    await on.page.getByText("Changes that you did not save").waitFor();
    await expect.poll(() => on.html().textContent()).toContain("Half a thought");
    await on.page.reload();
    await expect.poll(() => on.html().textContent()).toContain("Half a thought");
    await on.page.getByRole("button", { name: "Undo all changes" }).click();
    await expect.poll(() => on.html().textContent()).toContain("of the east wing");
    expect((await on.read("welcome")).version).toBe(1);
  });

  test("who saves over the change of another is told, and chooses", async () => {
    await on.show("/welcome", ".cm-editor");
    await on.write("<p>Mine</p>");
    await on.call("PUT", "/mail/templates/welcome?locale=en", {
      subject: "Welcome",
      html: "<p>Theirs</p>",
      note: "theirs",
    });
    await on.page.keyboard.press("Control+s");
    await on.page.getByText("It was changed while you were writing.").waitFor();
    expect((await on.read("welcome")).html).toBe("<p>Theirs</p>");
    expect(await on.html().textContent()).toContain("Mine");
    await on.isClean("a conflict");
    await on.page.getByRole("button", { name: "Compare them" }).click();
    await on.page.locator(".cm-merge-a").getByText("Theirs").waitFor();
    await on.page.locator(".cm-merge-b").getByText("Mine").waitFor();
    await on.page.getByRole("group", { name: "Part" }).getByRole("button", { name: "Write" }).click();
    await on.page.getByRole("button", { name: "Go on with mine" }).click();
    await on.page.getByRole("button", { name: "Save", exact: true }).click();
    await on.saved().waitFor();
    expect((await on.read("welcome")).html).toBe("<p>Mine</p>");
  });
});
