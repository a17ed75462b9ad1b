/** Every limit of the interface, with its reason. An error that meets one names it (`limit`) and its value. */
export const limits = {
  /** One JSON body (object or array). NDJSON has no total limit: it is streamed. */
  bodyBytesMax: 16 * 1024 * 1024,
  /** One event as JSON, so that one line of a stream cannot fill memory. */
  eventBytesMax: 256 * 1024,
  /** `details` as JSON. Bigger payloads belong in a file, with a link here. */
  detailsBytesMax: 64 * 1024,
  /** Nesting of `details` and of each changed value: deeper trees cannot be shown or searched. */
  depthMax: 16,
  /** Events in one atomic array: they share one transaction. */
  batchEventsMax: 10_000,
  /** Affected things in one event. */
  targetsMax: 20,
  /** Changed fields in one event. */
  changesMax: 200,
  /** An action name. */
  actionLengthMax: 100,
  /** Ids, names and other single strings of an event. */
  stringLengthMax: 512,
  /** A browser's user agent: longer ones are cut, not refused. */
  userAgentLengthMax: 1024,
  /** How far ahead of the server's clock `occurredAt` may be. */
  futureMs: 5 * 60 * 1000,
  /** A page of a list. */
  pageDefault: 50,
  pageMax: 500,
  /** Counts beyond this are said as "10,000+". */
  countMax: 10_000,
  /** The same in logs of more than so many events, where counting ten thousand takes longer than reading the page. */
  countLargeMax: 1_000,
  largeLogEvents: 100_000,
  /** A query in the query language. */
  queryLengthMax: 2_000,
  /** Terms in one query. */
  queryTermsMax: 50,
  /** Live streams that one server keeps open: each holds a connection. */
  streamsMax: 1_000,
} as const;
