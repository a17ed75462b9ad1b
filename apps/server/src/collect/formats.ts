import { cloudtrail } from "./cloudtrail/cloudtrail.ts";
import { csv } from "./csv/csv.ts";
import type { Importer } from "./importer.ts";
import { jsonl } from "./jsonl/jsonl.ts";
import { postfix } from "./postfix/postfix.ts";
import { sshd } from "./sshd/sshd.ts";

/** Every format that `daybook import` reads. One more is a folder beside these and a line here. */
export const formats: readonly Importer[] = [sshd, postfix, cloudtrail, jsonl, csv];
