/** Names of everything the page has stored, wherever; empty folders and the shell are left out. Runs in the page. */
export async function listStorage(): Promise<readonly string[]> {
  const found: string[] = [];
  const walk = async (folder: FileSystemDirectoryHandle, path: string) => {
    for await (const [name, handle] of folder.entries()) {
      if (handle.kind === 'directory')
        await walk(handle as FileSystemDirectoryHandle, `${path}/${name}`);
      else found.push(`${path}/${name}`);
    }
  };
  await walk(await navigator.storage.getDirectory(), 'opfs');
  for (const { name = '' } of await indexedDB.databases()) {
    const db = await new Promise<IDBDatabase>((resolve, reject) => {
      const request = indexedDB.open(name);
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
    for (const store of db.objectStoreNames) {
      const keys = await new Promise<readonly IDBValidKey[]>((resolve, reject) => {
        const request = db.transaction(store).objectStore(store).getAllKeys();
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
      });
      found.push(...keys.map((key) => `${name}/${store}/${String(key)}`));
    }
    db.close();
  }
  for (const name of await caches.keys()) {
    for (const { url } of await (await caches.open(name)).keys()) {
      const { pathname } = new URL(url);
      if (
        !/^\/(assets\/.*|index\.html|config\.json|icon.*|.*\.(svg|png|webmanifest|js))?$/.test(
          pathname,
        )
      )
        found.push(`${name}${pathname}`);
    }
  }
  return found.sort((a, b) => a.localeCompare(b));
}
