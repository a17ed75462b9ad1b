import type { FastifyInstance } from "fastify";
import { registerAccessHook } from "./access.ts";
import type { AccessDeps } from "./access-events.ts";
import { ApiKeyRing } from "./api-key-ring.ts";
import { registerApiKeyRoutes } from "./api-key-routes.ts";
import { registerMeRoutes } from "./me-routes.ts";
import { registerRoleRoutes } from "./role-routes.ts";
import { registerSessionRoutes } from "./session-routes.ts";
import { registerStaffRoutes } from "./staff-routes.ts";
import { registerWorkspaceRoutes } from "./workspace-routes.ts";

/** The hook that sets `request.access`, and the routes of sign-in, account and API keys. Comes before every route that asks for access. */
export function registerAccess(app: FastifyInstance, deps: AccessDeps): void {
  const keys = new ApiKeyRing(deps);
  registerAccessHook(app, deps, keys);
  registerSessionRoutes(app, deps);
  registerMeRoutes(app, deps);
  registerApiKeyRoutes(app, deps, keys);
  registerRoleRoutes(app, deps);
  registerStaffRoutes(app, deps);
  registerWorkspaceRoutes(app, deps);
  app.addHook("onReady", () => keys.open());
  app.addHook("onClose", () => keys.close());
}
