import { isActorType } from "@daybook/contract";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { type KeyboardEvent, useEffect, useId, useMemo, useRef, useState } from "react";
import { viewsQuery } from "../api/views.ts";
import { logPaths } from "../screens/activity/lens.ts";
import { recentSearches } from "../screens/activity/search/recent.ts";
import { searchOfView } from "../screens/activity/views/view-link.ts";
import { Modal } from "../ui/modal.tsx";
import { type Act, offeredActs } from "./acts.ts";
import { displayActs } from "./display-acts.ts";
import { useNavigation } from "./navigation.ts";
import { paletteOpen } from "./signals.ts";

/** The command palette: Ctrl-K, type, Enter. */
export function Palette({ workspace }: { workspace: string }) {
  const [open, setOpen] = useState(false);
  useEffect(() => paletteOpen.listen(() => setOpen(true)), []);
  useEffect(() => {
    const onKeyDown = (event: globalThis.KeyboardEvent) => {
      if (event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey) || event.shiftKey) return;
      event.preventDefault();
      setOpen((before) => !before);
    };
    document.addEventListener("keydown", onKeyDown);
    return () => document.removeEventListener("keydown", onKeyDown);
  }, []);
  if (!open) return null;
  return (
    <Modal label="Commands" className="dialog palette" onClose={() => setOpen(false)}>
      <Commands workspace={workspace} onDone={() => setOpen(false)} />
    </Modal>
  );
}

function Commands({ workspace, onDone }: { workspace: string; onDone: () => void }) {
  const [typed, setTyped] = useState("");
  const [active, setActive] = useState(0);
  const list = useRef<HTMLDivElement>(null);
  const id = useId();
  const acts = useActs(workspace, typed);
  useEffect(() => {
    list.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: "nearest" });
  });
  const run = (act: Act | undefined) => {
    if (!act) return;
    onDone();
    act.run();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      setActive((at) => (at + (event.key === "ArrowDown" ? 1 : acts.length - 1)) % Math.max(1, acts.length));
    } else if (event.key === "Enter") {
      event.preventDefault();
      run(acts[active]);
    }
  };
  return (
    <>
      <input
        className="palette-input"
        role="combobox"
        aria-label="Command or search"
        aria-expanded="true"
        aria-controls={`${id}-list`}
        aria-activedescendant={acts[active] ? `${id}-${active}` : undefined}
        placeholder="Go to, choose a range, search…"
        autoComplete="off"
        spellCheck={false}
        value={typed}
        onChange={(event) => {
          setTyped(event.target.value);
          setActive(0);
        }}
        onKeyDown={onKeyDown}
      />
      <div role="listbox" id={`${id}-list`} aria-label="Commands" className="palette-list" ref={list}>
        {acts.map((act, index) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are handled by the field, which keeps the focus
          <div
            key={`${act.group} ${act.name}`}
            id={`${id}-${index}`}
            role="option"
            tabIndex={-1}
            className="item"
            aria-selected={index === active}
            onMouseMove={() => setActive(index)}
            onClick={() => run(act)}
          >
            {act.mono ? <code className="cut">{act.name}</code> : <span className="cut">{act.name}</span>}
            <span className="end">{act.group}</span>
          </div>
        ))}
      </div>
    </>
  );
}

function useActs(workspace: string, typed: string): Act[] {
  const navigate = useNavigate();
  const views = useQuery(viewsQuery(workspace));
  const navigation = useNavigation(workspace);
  const all = useMemo<Act[]>(() => {
    const activity = (search: object) =>
      void navigate({
        to: "/w/$workspace/activity",
        params: { workspace },
        search: (before: object) => ({ ...before, ...search }),
      });
    return [
      ...navigation.flatMap(({ screens }) =>
        screens.map((screen) => ({
          group: "Go to",
          name: screen.name,
          words: screen.words,
          run: () => void navigate({ to: screen.to, params: { workspace }, search: {} }),
        })),
      ),
      {
        group: "Go to",
        name: "Brute force",
        words: "attack logins failed password block list firewall",
        run: () => void navigate({ to: "/w/$workspace/logins/brute-force", params: { workspace }, search: {} }),
      },
      ...(views.data ?? []).map((view) => ({
        group: view.shared ? "Shared view" : "View",
        name: view.name,
        words: `saved ${view.screen}`,
        run: () => void navigate({ to: logPaths[view.screen], params: { workspace }, search: searchOfView(view) }),
      })),
      ...offeredActs(),
      ...recentSearches().map((q) => ({
        group: "Recent search",
        name: q,
        words: "",
        mono: true,
        run: () => activity({ q, event: undefined }),
      })),
      ...displayActs(),
    ];
  }, [navigate, workspace, views.data, navigation]);
  return useMemo(() => {
    const wanted = typed.toLowerCase().split(/\s+/).filter(Boolean);
    const found = all.filter(
      (act) =>
        (wanted.length > 0 || !act.hidden) &&
        wanted.every((word) => `${act.group} ${act.name} ${act.words}`.toLowerCase().includes(word)),
    );
    if (typed.trim() === "") return found;
    const search: Act = {
      group: "Search",
      name: typed.trim(),
      words: "",
      mono: true,
      run: () => void navigate({ to: "/w/$workspace/activity", params: { workspace }, search: { q: typed.trim() } }),
    };
    return [
      ...found,
      ...pageActs(typed.trim(), (to) => void navigate({ to: `/w/${workspace}${to}` as never })),
      search,
    ];
  }, [all, typed, navigate, workspace]);
}

/** What is typed as an address, as type/id or as the id of an event leads to its page. */
function pageActs(typed: string, go: (to: string) => void): Act[] {
  const act = (name: string, to: string): Act => ({ group: "Go to", name, words: "", run: () => go(to) });
  if (/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i.test(typed)) return [act(`Trace of ${typed}`, `/trace/${typed}`)];
  if (/^(\d{1,3}\.){3}\d{1,3}$|^[\da-f]*:[\da-f:.]*:[\da-f.:]*$/i.test(typed))
    return [act(`Page of ${typed}`, `/addresses/${encodeURIComponent(typed)}`)];
  const [, type = "", id = ""] = /^([a-z_]+)\/(.+)$/.exec(typed) ?? [];
  if (id === "") return [];
  const kind = isActorType(type) ? "actors" : "targets";
  return [act(`Page of ${typed}`, `/${kind}/${type}/${encodeURIComponent(id)}`)];
}
