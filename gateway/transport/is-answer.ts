/** Whether a body of this status is for whoever asked: a redirect is not followed, and a failure has nothing to say. */
export function isAnswer(status: number): boolean {
  return (status >= 200 && status < 300) || (status >= 400 && status < 500)
}
