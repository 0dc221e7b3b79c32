/** The content-disposition under which a browser keeps a file rather than shows it. Throws for a name that needs quoting. */
export function attachmentOf(fileName: string): string {
  if (!/^[\w.-]{1,100}$/.test(fileName)) throw new Error(`${fileName} is no name for a file`)
  return `attachment; filename="${fileName}"`
}
