/** The name by which TextDecoder knows an encoding (WHATWG's Encoding); undefined when it does not. */
export function decoderLabel(name: string): string | undefined {
  try {
    return new TextDecoder(name).encoding;
  } catch {
    return undefined;
  }
}
