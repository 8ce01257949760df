/** Calls back into the page. What that throws is the page's own error, shown where the page shows such, and not the call's. */
export function tell<What>(callback: ((what: What) => void) | undefined, what: What): void {
  try {
    callback?.(what);
  } catch (error) {
    reportError(error);
  }
}
