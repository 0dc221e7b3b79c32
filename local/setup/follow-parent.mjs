// Loaded before a script: when the process that started it is gone, even by SIGKILL, the script is asked to stop.
if (process.channel) {
  process.on('disconnect', () => process.kill(process.pid, 'SIGTERM'))
  process.channel.unref() // listening must not keep a finished script alive
}
