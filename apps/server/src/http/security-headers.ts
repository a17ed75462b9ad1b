import helmet from "@fastify/helmet";
import type { FastifyInstance } from "fastify";
import { type Config, publicAddress } from "../config.ts";

/** Headers against script injection, framing, sniffing and leaks of addresses. Nothing is loaded from elsewhere. */
export async function registerSecurityHeaders(app: FastifyInstance, config: Config): Promise<void> {
  const secure = publicAddress(config).startsWith("https:");
  await app.register(helmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'"],
        // Lists that are drawn in part place their rows with style attributes and scroll areas add a style element.
        styleSrc: ["'self'", "'unsafe-inline'"],
        imgSrc: ["'self'", "data:"], // The QR code of two-factor sign-in is a data: image.
        frameSrc: ["'self'"], // Mails are shown in frames: see mail-frame.ts.
        fontSrc: ["'self'"],
        connectSrc: ["'self'"],
        manifestSrc: ["'self'"],
        baseUri: ["'none'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
      },
    },
    strictTransportSecurity: secure ? { maxAge: 31_536_000, includeSubDomains: false } : false,
    referrerPolicy: { policy: "same-origin" },
    crossOriginEmbedderPolicy: false,
    originAgentCluster: false,
  });
}
