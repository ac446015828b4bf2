declare module 'africastalking' {
  type Message = { to: string; message: string; from?: string; enqueue: boolean }
  const open: (options: { username: string; apiKey: string }) => {
    SMS: { send(message: Message): Promise<unknown> }
    INSIGHTS: { checkSimSwapState(phoneNumbers: string[]): Promise<unknown> }
  }
  export default open
}

declare module 'africastalking/lib/common.js' {
  const common: { SMS_URL: string; INSIGHTS_URL: string }
  export default common
}
