/**
 * As much of the protobuf encoding as etcd's messages need (protobuf.dev/programming-guides/encoding): varints, texts, bytes,
 * nested messages. 64-bit numbers are texts of digits on this side, because a JavaScript number would lose their last ones.
 */

const wire = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const;

/** Above it a number in JavaScript is not exact. */
const exactBytes = 7;

export class MessageWriter {
  #bytes = Buffer.allocUnsafe(512);
  #length = 0;

  text(field: number, value: string): this {
    const size = Buffer.byteLength(value);
    this.#varint(field * 8 + wire.bytes);
    this.#varint(size);
    this.#reserve(size);
    this.#bytes.write(value, this.#length, size, "utf8");
    this.#length += size;
    return this;
  }

  /** A whole number from 0 below 2^53, or a flag. */
  number(field: number, value: number | boolean): this {
    this.#varint(field * 8 + wire.varint);
    this.#varint(Number(value));
    return this;
  }

  /** A 64-bit number from 0 in decimal digits. */
  decimal(field: number, digits: string): this {
    if (digits.length < 16) return this.number(field, Number(digits));
    this.#varint(field * 8 + wire.varint);
    let rest = BigInt(digits);
    this.#reserve(10);
    for (; rest > 127n; rest >>= 7n) this.#bytes[this.#length++] = Number(rest & 127n) | 128;
    this.#bytes[this.#length++] = Number(rest);
    return this;
  }

  message(field: number, message: Buffer): this {
    this.#varint(field * 8 + wire.bytes);
    this.#varint(message.length);
    this.#reserve(message.length);
    message.copy(this.#bytes, this.#length);
    this.#length += message.length;
    return this;
  }

  finish(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }

  #varint(value: number): void {
    this.#reserve(10);
    let rest = value;
    while (rest > 127) {
      this.#bytes[this.#length++] = (rest % 128) | 128;
      rest = Math.floor(rest / 128);
    }
    this.#bytes[this.#length++] = rest;
  }

  #reserve(size: number): void {
    if (this.#length + size <= this.#bytes.length) return;
    const grown = Buffer.allocUnsafe((this.#length + size) * 2);
    this.#bytes.copy(grown, 0, 0, this.#length);
    this.#bytes = grown;
  }
}

/** Walks through the fields of a message: `next()` tells the field's number, then one of the others takes its value. */
export class MessageReader {
  readonly #bytes: Buffer;
  readonly #end: number;
  #at: number;
  #wire = 0;

  constructor(bytes: Buffer, start = 0, end = bytes.length) {
    this.#bytes = bytes;
    this.#at = start;
    this.#end = end;
  }

  /** 0 at the end. */
  next(): number {
    if (this.#at >= this.#end) return 0;
    const tag = this.number();
    this.#wire = tag % 8;
    return Math.floor(tag / 8);
  }

  number(): number {
    let [value, factor] = [0, 1];
    for (;;) {
      const byte = this.#byte();
      value += (byte & 127) * factor;
      if (byte < 128) return value;
      factor *= 128;
    }
  }

  decimal(): string {
    const start = this.#at;
    const value = this.number();
    if (this.#at - start <= exactBytes) return String(value);
    let exact = 0n;
    for (let at = this.#at - 1; at >= start; at--) exact = (exact << 7n) | BigInt((this.#bytes[at] ?? 0) & 127);
    return String(BigInt.asIntN(64, exact));
  }

  text(): string {
    const size = this.number();
    const start = this.#advance(size);
    return this.#bytes.toString("utf8", start, start + size);
  }

  message(): MessageReader {
    const size = this.number();
    const start = this.#advance(size);
    return new MessageReader(this.#bytes, start, start + size);
  }

  /** Passes over the value of a field nobody asked for. */
  skip(): void {
    if (this.#wire === wire.varint) this.number();
    else if (this.#wire === wire.bytes) this.#advance(this.number());
    else if (this.#wire === wire.fixed64) this.#advance(8);
    else if (this.#wire === wire.fixed32) this.#advance(4);
    else throw new Error(`a message has a field of wire type ${this.#wire}`);
  }

  #byte(): number {
    const byte = this.#at < this.#end ? this.#bytes[this.#at] : undefined;
    if (byte === undefined) throw new Error("a message ends in the middle of a field");
    this.#at += 1;
    return byte;
  }

  #advance(size: number): number {
    const start = this.#at;
    if (start + size > this.#end) throw new Error("a message ends in the middle of a field");
    this.#at = start + size;
    return start;
  }
}
