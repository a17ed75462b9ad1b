import { z } from "zod";
import { eventInputSchema, kinds, severities } from "../event.ts";
import { customerViews } from "./customer.ts";
import { compileSentence } from "./sentence.ts";

const template = z
  .string()
  .trim()
  .min(1)
  .max(300)
  .check((context) => {
    try {
      compileSentence({ says: context.value, noun: "a thing" });
    } catch (error) {
      context.issues.push({ code: "custom", input: context.value, message: (error as Error).message });
    }
  });

/** The name of an action. */
export const actionNameSchema = eventInputSchema.shape.action;

/** What an operator says about an action instead of the catalogue. Whatever is left out stays as it is. */
export const actionOverrideSchema = z
  .strictObject({
    says: template.optional().describe("The sentence of a success, in the past tense: “changed the plan of {target}”."),
    failure: template.optional().describe("The whole sentence of a failure, where “could not …” does not read well."),
    denied: template.optional().describe("The whole sentence of a denial."),
    category: z
      .string()
      .max(50)
      .regex(/^[a-z0-9_-]+$/)
      .optional(),
    kind: z.enum(kinds).optional(),
    severity: z.enum(severities).optional(),
    sensitive: z
      .array(z.string().min(1).max(100))
      .max(50)
      .optional()
      .describe("Field names whose values are redacted in this action."),
    customer: z
      .enum(customerViews)
      .optional()
      .describe(
        "Whether customers see it with a viewer token: hidden, in_scope (all whose scope the event is in), about_self (who did it or whose account it concerns), by_self (only who did it). Actions that the catalogue does not know are hidden unless this says otherwise.",
      ),
  })
  .refine((override) => Object.keys(override).length > 0, { message: "says nothing about the action" });

/** The operator's file: overrides by action. */
export const actionOverridesFileSchema = z.record(actionNameSchema, actionOverrideSchema);

/** One action of the list: what it means, where that comes from, and how much of it there is. */
export const actionSchema = z.object({
  action: z.string(),
  category: z.string(),
  kind: z.enum(kinds),
  severity: z.enum(severities),
  says: z.string(),
  failure: z.string().optional(),
  denied: z.string().optional(),
  sensitive: z.array(z.string()),
  customer: z.enum(customerViews).describe("Which customers see it with a viewer token, see docs/guides/viewer.md."),
  source: z
    .enum(["catalogue", "file", "workspace", "guess"])
    .describe("Where its meaning comes from: the catalogue, actions.json, this workspace, or its name alone."),
  new: z.literal(true).optional().describe("It was sent, and neither the catalogue nor the operator knows it."),
  events: z.number().int().describe("Events of the workspace with this action."),
  lastDay: z.string().optional().describe("The last day with one, UTC: 2026-11-20."),
});

export type ActionOverride = z.infer<typeof actionOverrideSchema>;
export type ListedAction = z.infer<typeof actionSchema>;
