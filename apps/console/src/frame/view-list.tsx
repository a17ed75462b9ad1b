import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { viewsQuery } from "../api/views.ts";
import { logPaths } from "../screens/activity/lens.ts";
import { searchOfView } from "../screens/activity/views/view-link.ts";
import { Icon } from "../ui/icon.tsx";
import { paletteOpen } from "./signals.ts";

/** So many views are listed in the sidebar; the palette finds all of them. */
const LISTED_MAX = 8;

/** Saved views in the sidebar: one's own, and the shared ones with a mark. */
export function ViewList({ workspace, onFollow }: { workspace: string; onFollow: () => void }) {
  const views = useQuery(viewsQuery(workspace));
  if (!views.data || views.data.length === 0) return null;
  const listed = views.data.slice(0, LISTED_MAX);
  return (
    <section aria-labelledby="group-views">
      <h2 id="group-views">Views</h2>
      <ul>
        {listed.map((view) => (
          <li key={view.id}>
            <Link
              to={logPaths[view.screen]}
              params={{ workspace }}
              search={searchOfView(view)}
              onClick={onFollow}
              title={view.shared ? `${view.name}, shared by ${view.savedBy}` : view.name}
              activeProps={{ className: "on" }}
              activeOptions={{ includeSearch: true }}
            >
              <span className="cut">{view.name}</span>
              {view.shared ? (
                <>
                  <Icon name="person" size={12} />
                  <span className="only-read">, shared</span>
                </>
              ) : null}
            </Link>
          </li>
        ))}
      </ul>
      {views.data.length > LISTED_MAX ? (
        <button type="button" className="linklike more-views" onClick={paletteOpen.send}>
          All {views.data.length} views
        </button>
      ) : null}
    </section>
  );
}
