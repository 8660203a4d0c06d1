// Who a node is: a pair of Ed25519 keys in its data folder.
import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
  verify,
} from "node:crypto";
import { join } from "node:path";

import { LogError } from "./durable-log.ts";
import { type Files, machineFiles, replaceFile } from "./files.ts";

/** The keys of a node. */
export type Identity = {
  /** The public key, as others know it: 32 bytes. */
  readonly publicKey: Uint8Array;
  /** The signature of the private key: 64 bytes. */
  readonly sign: (bytes: Uint8Array) => Uint8Array;
};

/** Bytes of a public key. */
export const publicKeyBytes = 32;

/** Bytes of a signature. */
export const signatureBytes = 64;

/** Returns the keys in a folder that is held (see `openLog`); makes them where there are none. */
export async function loadIdentity(folder: string, files: Files = machineFiles): Promise<Identity> {
  const path = join(folder, "key.pem");
  const known = await files.read(path);
  if (known !== undefined) {
    try {
      return identityOf(createPrivateKey(Buffer.from(known)));
    } catch (error) {
      throw new LogError("damaged", `${path} holds no Ed25519 key`, error);
    }
  }
  const { privateKey } = generateKeyPairSync("ed25519");
  const text = privateKey.export({ type: "pkcs8", format: "pem" });
  await replaceFile(files, path, Buffer.from(text), true);
  return identityOf(privateKey);
}

function identityOf(privateKey: KeyObject): Identity {
  if (privateKey.asymmetricKeyType !== "ed25519") throw new Error("another kind of key");
  const encoded = createPublicKey(privateKey).export({ type: "spki", format: "der" });
  return {
    publicKey: encoded.subarray(-publicKeyBytes),
    sign: (bytes) => sign(null, bytes, privateKey),
  };
}

// What stands before the 32 bytes of every Ed25519 key in its standard encoding (RFC 8410).
const prefix = Buffer.from("302a300506032b6570032100", "hex");

/** Keys as they are needed for checking: to make one takes longer than to use it. */
const known = new Map<string, KeyObject>();
const knownMax = 1 << 10;

/** Whether a signature of `bytes` was made with the private key that belongs to `publicKey`. */
export function verified(bytes: Uint8Array, signature: Uint8Array, publicKey: Uint8Array): boolean {
  try {
    return verify(null, bytes, keyOf(publicKey), signature);
  } catch {
    // Not every 32 bytes are a key.
    return false;
  }
}

function keyOf(publicKey: Uint8Array): KeyObject {
  const encoded = Buffer.concat([prefix, publicKey]);
  const name = encoded.toString("base64");
  const found = known.get(name);
  if (found !== undefined) return found;
  const key = createPublicKey({ key: encoded, format: "der", type: "spki" });
  if (known.size >= knownMax) known.clear();
  known.set(name, key);
  return key;
}
