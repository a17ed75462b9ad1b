import type { EndpointCall } from "../task-run.ts";

/** Runs a task by calling the panel at the endpoint of its type. */
export const callEndpoint: EndpointCall = async (rule) => {
  throw new Error(`the endpoint of ${rule.type} cannot be called`);
};
