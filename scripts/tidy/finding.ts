/** One thing that is not tidy: where, what, and what to do instead. */
export interface Finding {
  path: string;
  line?: number;
  message: string;
}

/** A file of the repository; `path` is relative to its root, with forward slashes. */
export interface SourceFile {
  path: string;
  text: string;
}

export function isCode(path: string): boolean {
  return /\.(ts|tsx|js)$/.test(path);
}

export function isTest(path: string): boolean {
  return /\.test\.tsx?$/.test(path) || /^(e2e|bench|scripts)\//.test(path) || path.startsWith("packages/testkit/");
}

/** The line, counted from 1, that an offset lies in. */
export function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split("\n").length;
}
