import { catalogue, type Event, type ViewerEvent, type ViewerScope } from "@daybook/contract";

// What a viewer token means, written down once more for the tests, without any of the code that they test.

/** The rule of docs/guides/viewer.md, written down once more without any of the code that it tests. */
export function allows(scope: ViewerScope, event: Event): boolean {
  const person = ["user"];
  const isOwner = (who: { type: string; id?: string | undefined }) =>
    scope.ownerId !== undefined && who.type === "user" && who.id === scope.ownerId;
  const isActor =
    scope.actor !== undefined && event.actor.type === scope.actor.type && event.actor.id === scope.actor.id;
  const self = isActor || isOwner(event.actor);
  if (event.action === "auth.login") return self;
  if (event.action.startsWith("auth.")) {
    const ids = [scope.ownerId, scope.actor?.type === "user" ? scope.actor.id : undefined];
    const account = event.targets.some((one) => person.includes(one.type) && ids.includes(one.id));
    const key = event.targets.some(
      (one) => scope.actor?.type === "api_key" && one.type === "api_key" && one.id === scope.actor.id,
    );
    return self || account || key;
  }
  if (
    !["server.power.restart", "server.suspended", "server.files.deleted", "backup.completed", "invoice.sent"].includes(
      event.action,
    )
  )
    return false;
  return (
    isActor ||
    (scope.project !== undefined && event.project === scope.project) ||
    event.targets.some(
      (one) =>
        scope.targets?.some((named) => named.type === one.type && named.id === one.id) ||
        (scope.ownerId !== undefined &&
          (one.ownerId === scope.ownerId || (person.includes(one.type) && one.id === scope.ownerId))),
    )
  );
}

/** What a term of the query language means over a shown event. */
export function finds(event: ViewerEvent, text: string): boolean {
  const [, key, value] = /^([a-z]+):(.*)$/.exec(text) ?? [];
  const lower = (one: string | undefined) => (one === undefined ? [] : [one.toLowerCase()]);
  const { actor } = event;
  const parties = { actor: actor === undefined ? [] : [actor], target: event.targets };
  const like = (pattern: string, one: string) =>
    new RegExp(`^${pattern.replaceAll(".", "\\.").replaceAll("*", ".*")}$`, "s").test(one);
  if (key === "actor" || key === "target")
    return parties[key].some((party) => {
      const [wantedType, wantedId] = (value ?? "").includes("/") ? (value ?? "").split("/") : [];
      if (wantedId !== undefined)
        return party.type === wantedType && party.id !== undefined && like(wantedId, party.id.toLowerCase());
      if (value === "*" || value === party.type) return true;
      return [...lower(party.id), ...lower(party.name)].some((one) => like(value ?? "", one));
    });
  if (key === "action") return like(value ?? "", event.action);
  if (key === "category") return (value ?? "").split(",").includes(event.category);
  if (key === "outcome") return event.outcome === value;
  if (key === "created") return event.occurredAt >= "2020" && event.occurredAt < "2031";
  const words =
    catalogue()
      .get(event.action)
      ?.says.replace(/\[[^\]]*\]|\{[^}]*\}/g, " ") ?? "";
  const texts = [event.action, words, actor?.id, actor?.name, ...event.targets.flatMap((one) => [one.id, one.name])];
  return texts.some((one) => one?.toLowerCase().includes(text));
}
