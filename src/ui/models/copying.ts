/**
 * Puts text on the clipboard.
 * @returns false when the browser does not let us; the caller then selects it for copying by hand
 */
export async function copied(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // No clipboard here, or no permission: the person can still copy what gets selected.
    return false;
  }
}

export function select(element: Element): void {
  getSelection()?.selectAllChildren(element);
}
