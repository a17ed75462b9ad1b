import type { ActionGroup } from "./action-groups.ts";
import { element } from "./dom.ts";
import { type Filter, isFiltered, noFilter } from "./filter.ts";
import { fill, type Strings } from "./strings.ts";

/** Letters typed so fast after each other are one question. */
const TYPING_MS = 300;

type Choice = readonly [value: string, label: string];

/** The row of filters: text, kind of action, outcome, range. Calls `onChange` with each new filter. */
export class FilterRow {
  readonly element: HTMLFormElement;
  readonly #strings: Strings;
  readonly #onChange: (filter: Filter) => void;
  readonly #text: HTMLInputElement;
  readonly #kind: HTMLSelectElement;
  readonly #outcome: HTMLSelectElement;
  readonly #days: HTMLSelectElement;
  readonly #clear: HTMLButtonElement;
  #typing: ReturnType<typeof setTimeout> | undefined;

  constructor(strings: Strings, onChange: (filter: Filter) => void) {
    this.#strings = strings;
    this.#onChange = onChange;
    const input = { type: "search", placeholder: strings.search, "aria-label": strings.searchHint, maxlength: "200" };
    this.#text = element("input", { part: "search", attributes: input });
    this.#kind = choices(strings.kind, [["", strings.anyKind]]);
    const outcomes = (["success", "failure", "denied"] as const).map((name): Choice => [name, strings[name]]);
    this.#outcome = choices(strings.outcome, [["", strings.anyOutcome], ...outcomes]);
    const ranges = [7, 30, 90].map((n): Choice => [String(n), fill(strings.lastDays, { n })]);
    this.#days = choices(strings.range, [["0", strings.allTime], ["1", strings.lastDay], ...ranges]);
    const press = { type: "button" };
    this.#clear = element("button", {
      part: "clear",
      text: strings.clear,
      attributes: press,
      onClick: () => this.clear(),
    });
    this.#clear.hidden = true;
    this.element = element(
      "form",
      { part: "filters", attributes: { role: "search", "aria-label": strings.searchHint } },
      ...[this.#text, this.#kind, this.#outcome, this.#days, this.#clear],
    );
    this.element.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#changed();
    });
    this.#text.addEventListener("input", () => {
      clearTimeout(this.#typing);
      this.#typing = setTimeout(() => this.#changed(), TYPING_MS);
    });
    for (const select of [this.#kind, this.#outcome, this.#days])
      select.addEventListener("change", () => this.#changed());
  }

  get filter(): Filter {
    return {
      text: this.#text.value,
      kind: this.#kind.value,
      outcome: this.#outcome.value as Filter["outcome"],
      days: Number(this.#days.value),
    };
  }

  /** Offers the groups of actions that there are; a choice that was made stays. */
  offer(groups: readonly ActionGroup[]): void {
    const chosen = this.#kind.selectedOptions[0];
    const options = groups.map(({ query, label }) => optionOf([query, label]));
    this.#kind.replaceChildren(optionOf(["", this.#strings.anyKind]), ...options);
    const label = chosen?.value ? chosen.text : undefined;
    if (label === undefined || chosen === undefined) return;
    const same = options.find((option) => option.text === label) ?? chosen;
    if (!same.isConnected) this.#kind.append(same);
    same.selected = true;
  }

  clear(): void {
    this.#text.value = noFilter.text;
    for (const select of [this.#kind, this.#outcome, this.#days]) select.selectedIndex = 0;
    this.#text.focus();
    this.#changed();
  }

  #changed(): void {
    clearTimeout(this.#typing);
    this.#clear.hidden = !isFiltered(this.filter);
    this.#onChange(this.filter);
  }
}

function choices(label: string, list: readonly Choice[]): HTMLSelectElement {
  return element("select", { part: "choice", attributes: { "aria-label": label } }, ...list.map(optionOf));
}

function optionOf([value, label]: Choice): HTMLOptionElement {
  return element("option", { text: label, attributes: { value } });
}
