import { HighlightStyle, syntaxHighlighting } from "@codemirror/language";
import { EditorView } from "@codemirror/view";
import { tags } from "@lezer/highlight";

/** Liquid stands out from the HTML around it: it is what somebody writes here. All colours are the console's tokens. */
const colours = HighlightStyle.define([
  { tag: [tags.keyword, tags.controlKeyword, tags.moduleKeyword, tags.definitionKeyword], color: "var(--warn)" },
  { tag: [tags.operatorKeyword, tags.logicOperator, tags.compareOperator], color: "var(--warn)" },
  { tag: [tags.variableName, tags.propertyName], color: "var(--accent)", fontWeight: "550" },
  { tag: tags.function(tags.variableName), color: "var(--warn)" },
  { tag: [tags.brace, tags.definitionOperator], color: "var(--accent)" },
  { tag: [tags.string, tags.attributeValue], color: "var(--ok)" },
  { tag: [tags.number, tags.bool, tags.atom], color: "var(--ok)" },
  { tag: [tags.tagName, tags.typeName], color: "var(--text)", fontWeight: "550" },
  { tag: [tags.attributeName, tags.angleBracket], color: "var(--soft)" },
  { tag: [tags.comment, tags.lineComment, tags.blockComment, tags.documentMeta], color: "var(--faint)" },
]);

const theme = EditorView.theme({
  "&": { color: "var(--text)", backgroundColor: "transparent", fontSize: "12.5px", height: "100%" },
  "&.cm-focused": { outline: "none" },
  ".cm-scroller": { fontFamily: "var(--mono)", lineHeight: "1.55" },
  ".cm-content": { caretColor: "var(--text)" },
  ".cm-cursor, .cm-dropCursor": { borderLeftColor: "var(--text)" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": {
    backgroundColor: "var(--accent-bg) !important",
  },
  ".cm-activeLine": { backgroundColor: "transparent" },
  "&.cm-focused .cm-activeLine": { backgroundColor: "color-mix(in srgb, var(--line) 45%, transparent)" },
  ".cm-gutters": { backgroundColor: "transparent", color: "var(--faint)", border: "none" },
  ".cm-activeLineGutter": { backgroundColor: "transparent", color: "var(--soft)" },
  "&.cm-focused .cm-matchingBracket": { backgroundColor: "var(--line)" },
  "& .cm-matchingBracket": { backgroundColor: "transparent" },
  ".cm-nonmatchingBracket": { backgroundColor: "var(--bad-bg) !important" },
  ".cm-placeholder": { color: "var(--faint)" },
  ".cm-tooltip": {
    border: "1px solid var(--line2)",
    borderRadius: "8px",
    backgroundColor: "var(--raised)",
    boxShadow: "var(--shadow)",
    color: "var(--text)",
    overflow: "hidden",
  },
  ".cm-tooltip.cm-tooltip-autocomplete > ul": { fontFamily: "var(--mono)", fontSize: "12px", maxHeight: "15em" },
  ".cm-tooltip.cm-tooltip-autocomplete > ul > li": { padding: "3px 9px" },
  ".cm-tooltip-autocomplete ul li[aria-selected]": { backgroundColor: "var(--accent-bg)", color: "var(--text)" },
  ".cm-completionMatchedText": { textDecoration: "none", fontWeight: "650" },
  ".cm-completionDetail": { fontFamily: "var(--sans)", fontStyle: "normal", color: "var(--soft)", marginLeft: "10px" },
  ".cm-diagnostic": { fontFamily: "var(--sans)", padding: "5px 9px", borderLeft: "none" },
  ".cm-diagnostic-error": { color: "var(--bad)" },
  ".cm-diagnostic-warning": { color: "var(--warn)" },
  ".cm-lintRange-error": { background: "none", borderBottom: "2px solid var(--bad-bar)" },
  ".cm-lintRange-warning": { background: "none", borderBottom: "2px dotted var(--warn-bar)" },
  ".cm-lintPoint:after": { borderBottomColor: "var(--bad-bar)" },
});

/** What a comparison adds: green and red grounds, as with changes in the log. */
const mergeTheme = EditorView.theme({
  "&.cm-merge-a .cm-changedLine, .cm-deletedChunk": { backgroundColor: "var(--del)" },
  "&.cm-merge-b .cm-changedLine, .cm-insertedLine": { backgroundColor: "var(--add)" },
  // Underlined rather than on a darker ground, on which not all colours of the text could be read.
  "&.cm-merge-a .cm-changedText, .cm-deletedChunk .cm-deletedText": {
    background: "none !important",
    boxShadow: "inset 0 -2px 0 var(--bad-bar)",
  },
  "&.cm-merge-b .cm-changedText, .cm-changedText": {
    background: "none !important",
    boxShadow: "inset 0 -2px 0 var(--ok)",
  },
  ".cm-deletedLine, .cm-deletedLine del": { textDecoration: "none" },
  ".cm-collapsedLines": {
    background: "var(--side) !important",
    color: "var(--soft) !important",
    fontFamily: "var(--sans)",
    borderBlock: "1px solid var(--line)",
  },
  "&.cm-merge-a .cm-changedLineGutter, .cm-deletedLineGutter": { background: "var(--bad-bar) !important" },
  "&.cm-merge-b .cm-changedLineGutter": { background: "var(--ok) !important" },
});

export const look = [theme, syntaxHighlighting(colours)];
export const mergeLook = [...look, mergeTheme];
