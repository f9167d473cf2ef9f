import { registerHooks } from "node:module";

/** What a drill against a known-bad etcd touches a cluster by. */
const edges = ["./stack.ts", "../cluster/world.ts", "../run/drill.ts"];

// With `node --import`: the command as it is, but for these.
registerHooks({
  resolve(specifier, context, next) {
    const isEdge = context.parentURL?.endsWith("/drill/known-bad/drill.ts") === true && edges.includes(specifier);
    return next(isEdge ? new URL("edges.ts", import.meta.url).href : specifier, context);
  },
});
