import type { Kind, Severity } from "../event.ts";
import { accessKeys } from "./access-keys.ts";
import { accounts } from "./accounts.ts";
import { auth } from "./auth.ts";
import { billing } from "./billing.ts";
import { compute } from "./compute.ts";
import type { CustomerView } from "./customer.ts";
import { data } from "./data.ts";
import type { ActionFamily } from "./family.ts";
import { infrastructure } from "./infrastructure.ts";
import { isp } from "./isp.ts";
import { network } from "./network.ts";
import { operations } from "./operations.ts";
import { platform } from "./platform.ts";
import { record } from "./record.ts";
import { serverParts } from "./server-parts.ts";
import { servers } from "./servers.ts";
import { staff } from "./staff.ts";
import { support } from "./support.ts";
import { learnVerbs } from "./verbs.ts";
import { watch } from "./watch.ts";
import { web } from "./web.ts";

/** One action: what it means and how it is told. */
export interface ActionDefinition {
  action: string;
  category: string;
  kind: Kind;
  severity: Severity;
  /** The sentence of a success, in the past tense; see `compileSentence`. */
  says: string;
  failure?: string | undefined;
  denied?: string | undefined;
  /** What a missing target is called. */
  noun: string;
  /** Field names whose values are secrets in this action alone. */
  sensitive: readonly string[];
  /** What customers see of it, when the operator says so; else `customerView` decides. */
  customer?: CustomerView | undefined;
}

/** The heading of a category and what one thing of it is called. */
export interface ActionCategory {
  category: string;
  title: string;
  noun: string;
  kind: Kind;
}

const families = [
  auth,
  accounts,
  staff,
  servers,
  serverParts,
  data,
  infrastructure,
  network,
  compute,
  web,
  isp,
  billing,
  accessKeys,
  support,
  operations,
  watch,
  record,
  platform,
];

const none: readonly string[] = [];
let actions: ReadonlyMap<string, ActionDefinition> | undefined;
let categories: ReadonlyMap<string, ActionCategory> | undefined;

/** Every action of the catalogue by name, in the order of its families. Made at the first call. */
export function catalogue(): ReadonlyMap<string, ActionDefinition> {
  if (actions) return actions;
  const all = families.flat().flatMap(definitions);
  actions = new Map(all.map((definition) => [definition.action, definition]));
  learnVerbs(all.flatMap(({ says }) => says.replace(/\[[^\]]*\]|\{[^}]*\}/g, " ").split(/\s+/)));
  return actions;
}

/** Every category of the catalogue by name. */
export function actionCategories(): ReadonlyMap<string, ActionCategory> {
  categories ??= new Map(
    families.flat().map(({ category, title, noun, kind }) => [category, { category, title, noun, kind }]),
  );
  return categories;
}

function definitions(family: ActionFamily): ActionDefinition[] {
  return Object.entries(family.actions).map(([rest, entry]) => {
    const [says, severity = "info", kind = family.kind, extras] = typeof entry === "string" ? [entry] : entry;
    return {
      action: `${family.category}.${rest}`,
      category: family.category,
      kind,
      severity,
      says,
      failure: extras?.failure,
      denied: extras?.denied,
      noun: family.noun,
      sensitive: extras?.sensitive ?? none,
    };
  });
}
