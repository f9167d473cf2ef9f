import process from "node:process";

/**
 * Node's HTTP client. An import statement would touch all that node:http exports, its WebSocket among them, which loads
 * a second HTTP stack: 30 ms at every start of a plugin.
 */
export const http = process.getBuiltinModule("node:http");
export const https = process.getBuiltinModule("node:https");
