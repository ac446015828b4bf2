/** One JSON request to an emulator. Throws when it is refused (with the status and the emulator's words) or unreachable. */
export async function ask<T>(url: string, method: string, path: string, body?: unknown, signal?: AbortSignal): Promise<T> {
  const response = await fetch(`${url}${path}`, {
    method,
    ...(body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    ...(signal === undefined ? {} : { signal }),
  })
  const answer = (await response.json()) as T & { error?: string }
  if (!response.ok) throw new Error(`the emulator answered ${response.status}: ${answer.error}`)
  return answer
}
