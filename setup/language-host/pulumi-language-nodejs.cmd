@node "%~dp0server.ts" %*
