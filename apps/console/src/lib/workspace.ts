import { Preference } from "./preference.ts";

/** The workspace that was open last: where `/` leads. */
export const lastWorkspace = new Preference<string>("workspace", "");
