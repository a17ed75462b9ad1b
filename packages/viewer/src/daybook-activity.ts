import { DaybookActivity } from "./activity-element.ts";

export { DaybookActivity };

// A page may load the module twice, in two versions: the first stays.
if (customElements.get("daybook-activity") === undefined) customElements.define("daybook-activity", DaybookActivity);
