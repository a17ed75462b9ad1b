/** Verbs whose infinitive does not follow from the ending: "past infinitive". Regular ones follow `regularInfinitive`. */
const irregular = `
was be|began begin|bought buy|broke break|brought bring|built build|burnt burn|came come|chose choose|cut cut|did do
drew draw|fell fall|forgot forget|found find|froze freeze|gave give|got get|had have|held hold|hid hide|hit hit
kept keep|left leave|lent lend|let let|lost lose|made make|met meet|overrode override|paid pay|put put|quit quit
ran run|read read|rebuilt rebuild|redid redo|repaid repay|reran rerun|resent resend|reset reset|rewrote rewrite
said say|saw see|sent send|set set|shut shut|sold sell|split split|spun spin|stole steal|swept sweep|threw throw
thought think|told tell|took take|tore tear|undid undo|unset unset|went go|withdrew withdraw|won win|woke wake
wrote write|rebound rebind|bound bind|resold resell|upheld uphold|hung hang|drove drive|cancelled cancel
labelled label|signalled signal|enrolled enrol|travelled travel|modelled model|tunnelled tunnel|levelled level
focused focus|biased bias|debited debit|deposited deposit|visited visit|exited exit|benefited benefit
developed develop|fulfilled fulfil|synced sync|resynced resync|freed free|agreed agree|guaranteed guarantee|tied tie
untied untie|died die|changed change|exchanged exchange|challenged challenge|added add|restored restore|stored store
ignored ignore|explored explore|scored score|cloned clone|zoned zone|postponed postpone|cached cache|became become
arranged arrange|ranged range|hanged hang
bent bend|caught catch|taught teach|fed feed|led lead|dealt deal|meant mean|stood stand|stuck stick|struck strike|swung swing|shook shake|shot shoot|rose rise
rode ride|spoke speak|swore swear|sank sink|rang ring|flew fly|grew grow|knew know|blew blow|laid lay|dug dig|sat sit|lit light|overran overrun`;

/** Participles that clients use in names: "participle past infinitive", e.g. server.files.written. */
const participles = `
written wrote write|rewritten rewrote rewrite|taken took take|given gave give|chosen chose choose|broken broke break|begun began begin
done did do|redone redid redo|undone undid undo|drawn drew draw|withdrawn withdrew withdraw|forgotten forgot forget|frozen froze freeze
gone went go|hidden hid hide|known knew know|overridden overrode override|run ran run|rerun reran rerun|seen saw see|shown showed show
stolen stole steal|thrown threw throw|spun spun spin|torn tore tear|woken woke wake|become became become|fallen fell fall|driven drove drive`;

/** Regular verbs of program interfaces that no sentence of the catalogue uses. */
const named = `
described listed provisioned deprovisioned configured executed invoked requested scheduled validated flushed generated notified fetched
pushed decrypted patched registered deregistered associated disassociated authorized modified tagged untagged replaced rejected destroyed
wiped kicked processed denied escalated`;

export interface Verb {
  past: string;
  infinitive: string;
}

interface Verbs {
  /** By past tense or participle. */
  past: Map<string, Verb>;
  /** By infinitive. */
  infinitive: Map<string, Verb>;
}

let verbs: Verbs | undefined;

/** Adds regular verbs by their past tense, so that names in the imperative ("server.suspend") are understood too. */
export function learnVerbs(pasts: Iterable<string>): void {
  const { past, infinitive } = known();
  for (const word of pasts) {
    if (past.has(word) || !word.endsWith("ed")) continue;
    const verb = { past: word, infinitive: regularInfinitive(word) };
    past.set(word, verb);
    if (!infinitive.has(verb.infinitive)) infinitive.set(verb.infinitive, verb);
  }
}

/** The verb of a past tense or a participle ("created", "written"), also of one never met if it ends in -ed; else undefined. */
export function verbOfPast(word: string): Verb | undefined {
  const listed = known().past.get(word);
  if (listed) return listed;
  return /^[a-z-]{2,}ed$/.test(word) && !notVerbs.has(word)
    ? { past: word, infinitive: regularInfinitive(word) }
    : undefined;
}

/** The verb of an infinitive that is known ("create"); else undefined, for most words are nouns. */
export function verbOfInfinitive(word: string): Verb | undefined {
  return known().infinitive.get(word);
}

/** Infinitive of a regular past tense by its ending: created → create, verified → verify, stopped → stop, deployed → deploy. */
export function regularInfinitive(past: string): string {
  const stem = past.slice(0, -2);
  if (past.endsWith("ied")) return `${past.slice(0, -3)}y`;
  if (/([bdgmnprt])\1$/.test(stem)) return stem.slice(0, -1);
  if (/([uvc]|[^aeiou]l|[lrd]g|[rn]s|[aeiou]s)$/.test(stem) && !/(ss|[lw]l)$/.test(stem)) return `${stem}e`;
  // One vowel and one consonant: "invit-ed" has a silent e, "open-ed" and "edit-ed" have none.
  const silent =
    /(^|[^aeiou])[aeiouy][b-df-hj-np-tvz]$/.test(stem) && !/(e[nrl]|o[nr]|[dm]it|[^lpr]et|is[ht])$/.test(stem);
  return silent || /(eat|iat|uat|uir|iev|eiv)$/.test(stem) ? `${stem}e` : stem;
}

const notVerbs = new Set([
  "bed",
  "shed",
  "speed",
  "feed",
  "seed",
  "embed",
  "need",
  "red",
  "breed",
  "hundred",
  "indeed",
  "id",
]);

function known(): Verbs {
  if (verbs) return verbs;
  verbs = { past: new Map(), infinitive: new Map() };
  for (const pair of entries(irregular)) {
    const [past = "", infinitive = ""] = pair;
    const verb = { past, infinitive };
    verbs.past.set(past, verb);
    verbs.infinitive.set(infinitive, verb);
  }
  for (const [participle = "", past = "", infinitive = ""] of entries(participles)) {
    const verb = { past, infinitive };
    verbs.past.set(participle, verb);
    if (!verbs.past.has(past)) verbs.past.set(past, verb);
    if (!verbs.infinitive.has(infinitive)) verbs.infinitive.set(infinitive, verb);
  }
  learnVerbs(named.trim().split(/\s+/));
  return verbs;
}

const entries = (text: string): string[][] =>
  text
    .trim()
    .split(/[|\n]/)
    .map((pair) => pair.split(" "));
