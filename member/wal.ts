import { closeSync, openSync, readSync, readdirSync } from "node:fs";
import { join } from "node:path";

/** Who a data dir belongs to. IDs are lower-case hex, as etcdctl prints them. */
export interface WalIdentity {
  readonly clusterId: string;
  readonly memberId: string;
}

export class UnreadableWal extends Error {}

const CRC_RECORD = 4;
const METADATA_RECORD = 1;

/**
 * Reads member and cluster ID from the head of the oldest WAL segment. Every segment begins with a checksum record and a
 * metadata record (etcd server/storage/wal/wal.go `cut`, `Create`), so a purged first segment does not matter.
 *
 * @returns undefined where there is no WAL: etcd makes the folder by renaming a finished one, so half a WAL is never seen
 * @throws UnreadableWal where segments are there and cannot be read
 */
export function readWalIdentity(dataDir: string): WalIdentity | undefined {
  const folder = join(dataDir, "member", "wal");
  const first = segmentsIn(folder)[0];
  if (first === undefined) return undefined;
  return parseWalHead(headOf(join(folder, first)), first);
}

function segmentsIn(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => name.endsWith(".wal"))
      .sort();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw new UnreadableWal(`${folder} can't be read: ${(error as Error).message}`);
  }
}

function headOf(file: string): Buffer {
  const head = Buffer.alloc(512);
  try {
    const handle = openSync(file, "r");
    try {
      return head.subarray(0, readSync(handle, head, 0, head.length, 0));
    } finally {
      closeSync(handle);
    }
  } catch (error) {
    throw new UnreadableWal(`${file} can't be read: ${(error as Error).message}`);
  }
}

/**
 * Frame: 8 bytes little-endian length, whose top byte holds 0x80 | padding where the record is padded to 8 bytes
 * (etcd server/storage/wal/encoder.go `encodeFrameSize`); then a protobuf walpb.Record {type=1, crc=2, data=3}.
 */
export function parseWalHead(head: Buffer, file: string): WalIdentity {
  let at = 0;
  while (at + 8 <= head.length) {
    const top = head[at + 7] ?? 0;
    const length = Number(head.readBigUInt64LE(at) & 0x00ffffffffffffffn);
    const padding = top & 0x80 ? top & 0x7 : 0;
    const record = head.subarray(at + 8, at + 8 + length);
    if (length === 0 || record.length < length) break;
    const fields = protobufFields(record);
    const type = fields.find((field) => field.number === 1)?.value;
    if (type === BigInt(METADATA_RECORD)) return parseMetadata(fields.find((field) => field.number === 3)?.bytes, file);
    if (type !== BigInt(CRC_RECORD)) break;
    at += 8 + length + padding;
  }
  throw new UnreadableWal(`WAL segment ${file} does not begin with a checksum and a metadata record`);
}

/** etcdserverpb.Metadata {NodeID=1, ClusterID=2}, both uint64. */
function parseMetadata(bytes: Buffer | undefined, file: string): WalIdentity {
  const fields = bytes === undefined ? [] : protobufFields(bytes);
  const memberId = fields.find((field) => field.number === 1)?.value;
  const clusterId = fields.find((field) => field.number === 2)?.value;
  if (memberId === undefined || clusterId === undefined) {
    throw new UnreadableWal(`WAL segment ${file} names no member and cluster`);
  }
  return { memberId: memberId.toString(16), clusterId: clusterId.toString(16) };
}

interface Field {
  readonly number: number;
  readonly value?: bigint;
  readonly bytes?: Buffer;
}

/** The varint and length-delimited fields of a protobuf message; reading stops at the first thing that is neither. */
function protobufFields(message: Buffer): Field[] {
  const fields: Field[] = [];
  let at = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; at < message.length; shift += 7n) {
      const byte = message[at++] ?? 0;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) break;
    }
    return value;
  };
  while (at < message.length) {
    const tag = varint();
    const number = Number(tag >> 3n);
    if ((tag & 7n) === 0n) fields.push({ number, value: varint() });
    else if ((tag & 7n) === 2n) {
      const length = Number(varint());
      fields.push({ number, bytes: message.subarray(at, at + length) });
      at += length;
    } else break;
  }
  return fields;
}
