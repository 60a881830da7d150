<#
Checks from this computer whether a terminal's network reaches every destination. It needs no administrator and no
installation. It holds no secret, and it sends nothing but the checks themselves.

  powershell -NoProfile -ExecutionPolicy Bypass -File terminal-doctor.ps1 -Lang no -Json report.json

-ExecutionPolicy Bypass holds for this run alone. Where group policy allows only signed scripts, or Windows restricts
PowerShell's language (AppLocker, App Control), this script cannot run: use `terminals doctor` on another computer of the
same network.

Made by `terminals doctor --script`, with the list of destinations inside. For Windows PowerShell 5.1 and PowerShell 7.
#>
param(
  [ValidateSet('en', 'no')][string]$Lang = 'en',
  # File for the report, in the format of docs/reference/doctor.schema.json.
  [string]$Json = '',
  # Proxy URL (http), or "none". Default: HTTPS_PROXY with NO_PROXY, then the proxy of the system with its script (PAC).
  [string]$Proxy = '',
  # File of decision cases: compares this script's decisions with the expected ones, and checks no network.
  [string]$Cases = '',
  [int]$StageMs = 5000,
  [int]$RunMs = 60000
)

# A profile can have set a stricter mode, in which a missing key of a table is an error.
Set-StrictMode -Off

$ListJson = @'
__LIST__
'@

$TableJson = @'
__TABLE__
'@

$WordsJson = @'
__WORDS__
'@

# The first rule of which all conditions hold decides. The same function is `decide` in decide.ts.
function Get-Decision($Facts, $Table) {
  $decision = $null
  foreach ($rule in $Table.rules) {
    $holds = $true
    foreach ($condition in $rule.when.PSObject.Properties) {
      if (@($condition.Value) -cnotcontains $Facts[$condition.Name]) { $holds = $false; break }
    }
    if ($holds) { $decision = $rule; break }
  }
  if ($null -eq $decision) { $decision = $Table.otherwise }
  if ($decision.verdict -eq 'failed' -and $Facts.availability -eq 'soon') {
    return @{ verdict = $Table.notUsedYet.verdict; reason = $Table.notUsedYet.reason; cause = $decision.reason }
  }
  return @{ verdict = $decision.verdict; reason = $decision.reason; cause = '' }
}

# The attempt that stands for a row: the first with the best verdict that works, else the first that failed.
function Select-Attempt($Attempts, $Table) {
  $order = @('passed', 'works-with-remark', 'not-needed')
  foreach ($verdict in $order) {
    foreach ($attempt in $Attempts) { if ((Get-Decision $attempt.facts $Table).verdict -eq $verdict) { return $attempt } }
  }
  foreach ($attempt in $Attempts) { if ((Get-Decision $attempt.facts $Table).verdict -eq 'failed') { return $attempt } }
  return $Attempts[0]
}

function Test-Connected($Facts) {
  return ($Facts.tcp -eq 'ok' -or $Facts.proxy -eq 'ok' -or $Facts.udp -eq 'answered')
}

# Regions of which no host was reached, although hosts of another region were.
function Get-CutOffRegion($Rows) {
  $reached = @{}
  foreach ($row in $Rows) {
    if (-not $row.row.region) { continue }
    if (-not $reached.ContainsKey($row.row.region)) { $reached[$row.row.region] = $false }
    foreach ($attempt in $row.attempts) { if (Test-Connected $attempt.facts) { $reached[$row.row.region] = $true } }
  }
  if (-not ($reached.Values -contains $true)) { return @() }
  return @($reached.Keys | Where-Object { -not $reached[$_] } | Sort-Object)
}

# Adds to each row what only all rows together show. The same function is `relate` in decide.ts.
function Set-RelatedFact($Rows) {
  $all = @(); foreach ($row in $Rows) { foreach ($attempt in $row.attempts) { $all += , $attempt } }
  $behindPortal = $false; $serviceReached = $false; $proxyWorks = $false
  $clock = 'unknown'; $clockDetails = @{ minutes = '?'; direction = '?' }; $portal = '?'
  foreach ($attempt in $all) {
    $facts = $attempt.facts
    if ($facts.transport -eq 'http' -and $facts.route -eq 'direct' -and @('redirect', 'page') -contains $facts.http) { $behindPortal = $true }
    if ($facts.transport -ne 'http' -and $facts.http -eq 'service') { $serviceReached = $true }
    if ($facts.proxy -eq 'ok') { $proxyWorks = $true }
    if ($facts.http -eq 'service') {
      if ($facts.clock -eq 'off') {
        if ($clock -ne 'off') { $clockDetails = $attempt.details }
        $clock = 'off'
      } elseif ($facts.clock -eq 'ok' -and $clock -ne 'off') { $clock = 'ok' }
    }
    if ($attempt.details.portal -and $portal -eq '?') { $portal = $attempt.details.portal }
  }
  # A network that lets the services through only blocks the hosts of certificates.
  if ($serviceReached) { $behindPortal = $false }
  $status = @($Rows | Where-Object { $_.row.service -eq 'certificate-status' })
  $revocation = 'unknown'
  if ($status.Count -gt 0) {
    $revocation = 'ok'
    foreach ($row in $status) {
      $isReached = $false
      foreach ($attempt in $row.attempts) { if (@('service', 'unclear') -contains $attempt.facts.http) { $isReached = $true } }
      if (-not $isReached) { $revocation = 'blocked' }
    }
  }
  $cutOff = @(Get-CutOffRegion $Rows)
  foreach ($row in $Rows) {
    $hosts = @($Rows | Where-Object { $_.row.region -eq $row.row.region -and $_.row.availability -eq 'now' })
    $isCutOff = ($row.row.region -and $cutOff -contains $row.row.region -and $hosts.Count -gt 1)
    foreach ($attempt in $row.attempts) {
      $facts = $attempt.facts
      $facts.isBehindPortal = $behindPortal; $facts.proxyWorks = $proxyWorks; $facts.clockOfOthers = $clock
      $facts.revocation = $revocation; $facts.isRegionCutOff = [bool]$isCutOff
      if (-not $attempt.details.portal) { $attempt.details.portal = $portal }
      # A service that sends no time is judged by the clock of the others.
      if (-not $attempt.details.minutes) { $attempt.details.minutes = $clockDetails.minutes }
      if (-not $attempt.details.direction) { $attempt.details.direction = $clockDetails.direction }
      $attempt.details.way = ''
      if ($attempt.details.proxy) { $attempt.details.way = " (proxy $($attempt.details.proxy))" }
    }
  }
}

# Puts details into the placeholders of a text.
function Format-Text([string]$Text, $Details) {
  return [regex]::Replace($Text, '\{(\w+)\}', {
      param($match)
      $value = $Details[$match.Groups[1].Value]
      if ($null -eq $value) { '?' } else { [string]$value }
    })
}

function Get-SampleHost([string]$Pattern) {
  return ($Pattern -replace '^\*\.', 'master1.').Replace('*', '1')
}

# Whether an address is not on the internet (IANA special-purpose registries).
function Test-PrivateAddress([string]$Address) {
  return $Address -match '^(0|10|127)\.|^100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.|^169\.254\.|^172\.(1[6-9]|2\d|3[01])\.|^192\.0\.2\.|^192\.168\.|^198\.51\.100\.|^203\.0\.113\.|^(22[4-9]|2[3-5]\d)\.|^::1?$|^2001:db8:|^f[cd]|^fe[89ab]'
}

function Get-LocalFamily {
  $has4 = $false; $has6 = $false
  foreach ($interface in [System.Net.NetworkInformation.NetworkInterface]::GetAllNetworkInterfaces()) {
    if ($interface.OperationalStatus -ne 'Up' -or $interface.NetworkInterfaceType -eq 'Loopback') { continue }
    foreach ($unicast in $interface.GetIPProperties().UnicastAddresses) {
      $address = $unicast.Address
      if ($address.IsIPv6LinkLocal -or $address.ToString() -like '169.254.*') { continue }
      if ($address.AddressFamily -eq 'InterNetwork') { $has4 = $true } else { $has6 = $true }
    }
  }
  if ($has4 -and $has6) { return 'both' } elseif ($has4) { return 'ipv4' } elseif ($has6) { return 'ipv6' }
  return 'none'
}

function Get-DnsServerAddress {
  $found = @()
  foreach ($interface in [System.Net.NetworkInformation.NetworkInterface]::GetAllNetworkInterfaces()) {
    if ($interface.OperationalStatus -ne 'Up') { continue }
    foreach ($address in $interface.GetIPProperties().DnsAddresses) {
      if (-not $address.IsIPv6SiteLocal) { $found += $address.ToString() }
    }
  }
  return @($found | Select-Object -Unique)
}

# The innermost error, and the code of a socket's error.
function Get-SocketErrorCode($ErrorValue) {
  $exception = $ErrorValue
  if ($exception -is [System.Management.Automation.ErrorRecord]) { $exception = $exception.Exception }
  while ($exception) {
    if ($exception -is [System.Net.Sockets.SocketException]) { return [string]$exception.SocketErrorCode }
    if ($exception -is [System.AggregateException]) { $exception = $exception.InnerExceptions[0] } else { $exception = $exception.InnerException }
  }
  return ''
}

# Opens a TCP connection; $null when it fails, with the facts of the attempt.
function Open-Tcp($Attempt, [string[]]$Addresses, [int]$Port, [int]$Ms) {
  $code = 'TimedOut'
  foreach ($text in $Addresses) {
    $address = [System.Net.IPAddress]::Parse($text)
    $client = New-Object System.Net.Sockets.TcpClient($address.AddressFamily)
    try {
      if ($client.ConnectAsync($address, $Port).Wait([int]($Ms / $Addresses.Count))) {
        $client.ReceiveTimeout = $Ms; $client.SendTimeout = $Ms
        $Attempt.facts.tcp = 'ok'
        return $client
      }
      $code = 'TimedOut'
    } catch { $code = Get-SocketErrorCode $_ }
    $client.Close()
  }
  $Attempt.details.detail = $code
  switch ($code) {
    'ConnectionRefused' { $Attempt.facts.tcp = 'refused' }
    'TimedOut' { $Attempt.facts.tcp = 'timeout' }
    'NetworkUnreachable' { $Attempt.facts.tcp = 'no-route' }
    'HostUnreachable' { $Attempt.facts.tcp = 'no-route' }
    default { $Attempt.facts.tcp = 'failed' }
  }
  return $null
}

function Resolve-Name($Attempt, [string]$HostName, [int]$Ms) {
  $Attempt.details.dnsServer = (@(Get-DnsServerAddress) -join ', ')
  if (-not $Attempt.details.dnsServer) { $Attempt.details.dnsServer = 'none' }
  try {
    $task = [System.Net.Dns]::GetHostAddressesAsync($HostName)
    if (-not $task.Wait($Ms)) { $Attempt.facts.dns = 'no-answer'; return @() }
    $addresses = @($task.Result | ForEach-Object { $_.ToString() })
  } catch {
    $code = Get-SocketErrorCode $_
    $Attempt.details.detail = $code
    if (@('HostNotFound', 'NoData') -contains $code) { $Attempt.facts.dns = 'not-found'; return @() }
    # Windows has one code for a server that does not answer and for one that answers with an error.
    $serverError = Get-DnsServerError $HostName $Ms
    if ($serverError) { $Attempt.facts.dns = 'server-error'; $Attempt.details.detail = $serverError }
    else { $Attempt.facts.dns = 'no-answer' }
    return @()
  }
  if ($addresses.Count -eq 0) { $Attempt.facts.dns = 'not-found'; return @() }
  $Attempt.facts.dns = 'ok'
  $Attempt.facts.addresses = 'public'
  $has6 = @($addresses | Where-Object { $_.Contains(':') }).Count
  if ($has6 -eq 0) { $Attempt.facts.addressFamilies = 'ipv4' }
  elseif ($has6 -eq $addresses.Count) { $Attempt.facts.addressFamilies = 'ipv6' }
  else { $Attempt.facts.addressFamilies = 'both' }
  foreach ($address in $addresses) { if (Test-PrivateAddress $address) { $Attempt.facts.addresses = 'private' } }
  $Attempt.details.addresses = ($addresses -join ', ')
  return $addresses
}

# The proxy for a URL: @{ url; source }, or $null for a direct connection.
function Get-ProxyChoice([string]$Url, [string]$Proxy) {
  if ($Proxy -eq 'none') { return $null }
  if ($Proxy) { return @{ url = [uri]$Proxy; source = 'option' } }
  foreach ($name in @('HTTPS_PROXY', 'ALL_PROXY', 'HTTP_PROXY')) {
    $value = [Environment]::GetEnvironmentVariable($name)
    if (-not $value) { continue }
    if (Test-ProxyException ([uri]$Url).Host) { return $null }
    return @{ url = [uri]$value; source = 'environment' }
  }
  # The system's settings, with its script (PAC) and its exceptions.
  $system = [System.Net.WebRequest]::GetSystemWebProxy()
  if ($system.IsBypassed([uri]$Url)) { return $null }
  $found = $system.GetProxy([uri]$Url)
  if ($null -eq $found -or $found.Authority -eq ([uri]$Url).Authority) { return $null }
  return @{ url = $found; source = 'system' }
}

# Whether NO_PROXY names a host: ".example.com" stands for all hosts below the domain.
function Test-ProxyException([string]$HostName) {
  foreach ($pattern in ([string][Environment]::GetEnvironmentVariable('NO_PROXY')).Split(',')) {
    $name = $pattern.Trim()
    if (-not $name) { continue }
    if ($name.StartsWith('.')) { if (".$HostName" -like "*$name") { return $true } }
    elseif ($name -eq $HostName) { return $true }
  }
  return $false
}

function Get-ProxyAuthorization([uri]$Url) {
  if (-not $Url.UserInfo) { return '' }
  $pair = [uri]::UnescapeDataString($Url.UserInfo)
  return 'Proxy-Authorization: Basic ' + [Convert]::ToBase64String([Text.Encoding]::UTF8.GetBytes($pair)) + "`r`n"
}

# Connects to the proxy itself.
function Open-Proxy($Attempt, $Choice, [int]$Ms) {
  $Attempt.facts.route = 'proxy'; $Attempt.facts.dns = 'by-proxy'
  $Attempt.facts.proxyHasCredentials = [bool]$Choice.url.UserInfo
  $Attempt.details.proxy = $Choice.url.Authority; $Attempt.details.proxySource = $Choice.source
  $client = New-Object System.Net.Sockets.TcpClient
  try {
    if ($client.ConnectAsync($Choice.url.DnsSafeHost, $Choice.url.Port).Wait($Ms)) {
      $client.ReceiveTimeout = $Ms; $client.SendTimeout = $Ms
      return $client
    }
    $Attempt.details.detail = 'TimedOut'
  } catch { $Attempt.details.detail = Get-SocketErrorCode $_ }
  $client.Close()
  $Attempt.facts.proxy = 'unreachable'
  if (@('HostNotFound', 'NoData', 'TryAgain', 'NoRecovery') -contains $Attempt.details.detail) { $Attempt.facts.proxy = 'not-found' }
  return $null
}

# Opens a tunnel through a proxy.
function Open-Tunnel($Attempt, $Choice, [string]$HostName, [int]$Port, [int]$Ms) {
  $client = Open-Proxy $Attempt $Choice $Ms
  if ($null -eq $client) { return $null }
  try {
    $stream = $client.GetStream()
    Send-Text $stream ("CONNECT ${HostName}:$Port HTTP/1.1`r`nHost: ${HostName}:$Port`r`n" + (Get-ProxyAuthorization $Choice.url) + "`r`n")
    $answer = Read-Answer $stream $false
    if ($answer.status -eq 200) { $Attempt.facts.proxy = 'ok'; return $client }
    if ($answer.isForeign) { $Attempt.facts.proxy = 'refused'; $Attempt.details.status = 'not HTTP' }
    elseif ($answer.status -eq 0) { $Attempt.facts.proxy = 'closed' }
    else {
      $Attempt.details.status = [string]$answer.status
      $Attempt.details.scheme = Get-Scheme $answer
      if ($answer.status -eq 407) { $Attempt.facts.proxy = 'sign-in' }
      elseif ($answer.status -eq 403) { $Attempt.facts.proxy = 'forbidden' }
      else { $Attempt.facts.proxy = 'refused' }
    }
  } catch {
    if ((Get-SocketErrorCode $_) -eq 'TimedOut') { $Attempt.facts.proxy = 'no-answer' } else { $Attempt.facts.proxy = 'closed' }
  }
  $client.Close()
  return $null
}

function Get-Scheme($Answer) {
  $names = @([regex]::Matches([string]$Answer.headers['proxy-authenticate'], '(^|,\s*)([A-Za-z][\w-]*)(?=\s|$|,)') | ForEach-Object { $_.Groups[2].Value })
  if ($names.Count -eq 0) { return '?' }
  return (@($names | Select-Object -Unique) -join ', ')
}

function Send-Text($Stream, [string]$Text) {
  $bytes = [Text.Encoding]::ASCII.GetBytes($Text)
  $Stream.Write($bytes, 0, $bytes.Length)
  $Stream.Flush()
}

# Reads the head of an answer, and up to 16 KB of its body. Status 0: the connection ended before.
function Read-Answer($Stream, [bool]$WithBody) {
  $answer = @{ status = 0; headers = @{}; body = ''; isForeign = $false; bytes = (New-Object byte[] 0) }
  $text = New-Object Text.StringBuilder
  $one = New-Object byte[] 1
  while ($text.Length -lt 16384 -and -not $text.ToString().EndsWith("`r`n`r`n", [StringComparison]::Ordinal)) {
    if ($Stream.Read($one, 0, 1) -eq 0) {
      $answer.isForeign = ($text.Length -gt 0 -and -not $text.ToString().StartsWith('HTTP/', [StringComparison]::Ordinal))
      return $answer
    }
    [void]$text.Append([char]$one[0])
  }
  $lines = $text.ToString() -split "`r`n"
  if ($lines[0] -match '^HTTP/\d\.\d (\d{3})') { $answer.status = [int]$Matches[1] }
  foreach ($line in $lines[1..($lines.Length - 1)]) {
    $at = $line.IndexOf(':')
    if ($at -lt 1) { continue }
    $name = $line.Substring(0, $at).ToLowerInvariant(); $value = $line.Substring($at + 1).Trim()
    if ($answer.headers.ContainsKey($name)) { $value = $answer.headers[$name] + ', ' + $value }
    $answer.headers[$name] = $value
  }
  if ($WithBody) {
    $buffer = New-Object byte[] 16384; $length = 0; $wanted = 0
    if (-not [int]::TryParse([string]$answer.headers['content-length'], [ref]$wanted) -or $wanted -gt 16384) { $wanted = 16384 }
    try {
      while ($length -lt $wanted) {
        $count = $Stream.Read($buffer, $length, $wanted - $length)
        if ($count -eq 0) { break }
        $length += $count
      }
    } catch { $length = $length }
    $answer.body = [Text.Encoding]::UTF8.GetString($buffer, 0, $length)
    $answer.bytes = New-Object byte[] $length
    [Array]::Copy($buffer, $answer.bytes, $length)
  }
  return $answer
}

# Opens TLS without refusing a certificate, and judges the certificate afterwards. No secret is sent over it.
function Open-Tls($Attempt, $Row, [string]$HostName, $Client, [scriptblock]$Reopen) {
  $minimum = '1.2'; if ($Row.minimumTls) { $minimum = $Row.minimumTls }
  $Attempt.details.minimumTls = $minimum
  # 3072 is TLS 1.2, 12288 is TLS 1.3, which Windows 10 and .NET Framework 4.8 may lack.
  $versions = 3072; if ($minimum -eq '1.3') { $versions = 12288 }
  elseif ([Enum]::IsDefined([System.Security.Authentication.SslProtocols], 12288) -and -not (Test-WindowsPowerShell)) { $versions = 15360 }
  $seen = @{ errors = 0; prints = @(); statuses = @(); issuer = '?'; leaf = $null; invalid = $null; root = '' }
  $callback = {
    param($source, $certificate, $chain, $errors)
    $seen.errors = [int]$errors
    $seen.leaf = New-Object System.Security.Cryptography.X509Certificates.X509Certificate2($certificate)
    foreach ($element in $chain.ChainElements) {
      $seen.prints += $element.Certificate.Thumbprint
      $seen.root = $element.Certificate.Thumbprint
      $seen.issuer = Get-PrintableName $element.Certificate.Issuer
      $now = [DateTime]::Now
      if ($null -eq $seen.invalid -and ($now -lt $element.Certificate.NotBefore -or $now -gt $element.Certificate.NotAfter)) { $seen.invalid = $element.Certificate }
    }
    foreach ($one in $chain.ChainStatus) { $seen.statuses += [string]$one.Status }
    return $true
  }.GetNewClosure()
  try {
    $secured = New-Object System.Net.Security.SslStream($Client.GetStream(), $false, [System.Net.Security.RemoteCertificateValidationCallback]$callback)
    $secured.ReadTimeout = $Client.ReceiveTimeout; $secured.WriteTimeout = $Client.SendTimeout
    $secured.AuthenticateAsClient($HostName, $null, [System.Security.Authentication.SslProtocols]$versions, $false)
  } catch {
    $code = Get-SocketErrorCode $_
    $Attempt.details.detail = 'closed'; if ($code) { $Attempt.details.detail = $code }
    if ($code -eq 'TimedOut') { $Attempt.facts.tls = 'timeout' }
    elseif ($code -eq 'ConnectionReset') { $Attempt.facts.tls = 'closed' }
    else {
      $tcp = $Attempt.facts.tcp; $proxy = $Attempt.facts.proxy; $detail = $Attempt.details.detail
      $Attempt.details.tlsVersion = Find-OldTls $HostName $Reopen
      # The second connection only finds out the version.
      $Attempt.facts.tcp = $tcp; $Attempt.facts.proxy = $proxy; $Attempt.details.detail = $detail
      if ($Attempt.details.tlsVersion -ne '?') { $Attempt.facts.tls = 'old-version' } else { $Attempt.facts.tls = 'failed' }
    }
    $Client.Close()
    return $null
  }
  $Attempt.facts.tls = 'ok'
  $Attempt.details.tlsVersion = [string]$secured.SslProtocol
  $Attempt.details.cipher = [string]$secured.CipherAlgorithm
  $Attempt.facts.chain = Get-ChainFact $seen $Row
  $Attempt.details.issuer = $seen.issuer
  $Attempt.details.certificateName = Get-PrintableName $seen.leaf.Subject
  # An issuer can be expired while the server's own certificate is valid.
  $dated = $seen.leaf; if ($seen.invalid) { $dated = $seen.invalid }
  $Attempt.details.validFrom = Get-IsoTime $dated.NotBefore 'yyyy-MM-dd'
  $Attempt.details.validTo = Get-IsoTime $dated.NotAfter 'yyyy-MM-dd'
  $Attempt.details.expected = (@($Row.roots | ForEach-Object { $_.name }) -join ' / ')
  return $secured
}

function Test-WindowsPowerShell { return ($PSVersionTable.PSVersion.Major -lt 6) }

function Get-PrintableName([string]$Name) {
  $parts = @()
  foreach ($kind in @('O', 'CN')) {
    foreach ($one in [regex]::Matches($Name, "(?:^|, )$kind=(`"[^`"]*`"|[^,]*)")) {
      $text = $one.Groups[1].Value.Trim([char]34)
      if ($text -and $text.Length -le 80 -and $text -notmatch '\p{C}') { $parts += $text }
    }
  }
  if ($parts.Count -eq 0) { return '?' }
  return ($parts -join ', ')
}

function Find-OldTls([string]$HostName, [scriptblock]$Reopen) {
  $client = & $Reopen
  if ($null -eq $client) { return '?' }
  try {
    $any = [System.Net.Security.RemoteCertificateValidationCallback] { $true }
    $secured = New-Object System.Net.Security.SslStream($client.GetStream(), $false, $any)
    # 192 is TLS 1.0, 768 is TLS 1.1.
    $secured.AuthenticateAsClient($HostName, $null, [System.Security.Authentication.SslProtocols]960, $false)
    if ([int]$secured.SslProtocol -eq 192) { return 'TLSv1.0' }
    return 'TLSv1.1'
  } catch { return '?' } finally { $client.Close() }
}

function Get-ChainFact($Seen, $Row) {
  if ($Seen.errors -band 2) { return 'wrong-name' }
  if ($Seen.errors -band 4) {
    $others = @($Seen.statuses | Where-Object { $_ -ne 'NotTimeValid' -and $_ -ne 'NoError' })
    if ($Seen.statuses -contains 'NotTimeValid' -and $others.Count -eq 0) { return 'dates' }
    return 'untrusted'
  }
  foreach ($root in $Row.roots) { if ($Seen.prints -contains $root.thumbprint) { return 'expected' } }
  # Windows keeps the public roots in a store of their own.
  $isPublic = (Test-Path 'Cert:\LocalMachine\AuthRoot') -and (Test-Path "Cert:\LocalMachine\AuthRoot\$($Seen.root)")
  if (-not $isPublic) { return 'own-trusted' }
  if (@($Row.roots).Count -eq 0) { return 'expected' }
  return 'other-public'
}

# Sends a GET and judges who answered.
function Invoke-Get($Attempt, $Row, $Stream, [string]$HostName, [string]$Target, [string]$MoreHeaders) {
  try {
    Send-Text $Stream ("GET $Target HTTP/1.1`r`nHost: $HostName`r`nConnection: close`r`n$MoreHeaders`r`n")
    $answer = Read-Answer $Stream $true
    if ($answer.status -eq 0) { $Attempt.facts.http = 'closed'; return }
  } catch {
    if ((Get-SocketErrorCode $_) -eq 'TimedOut') { $Attempt.facts.http = 'timeout' } else { $Attempt.facts.http = 'closed' }
    return
  }
  $Attempt.details.status = [string]$answer.status
  $Attempt.details.contentType = 'no content type'
  $contentType = [string]$answer.headers['content-type']
  if ($contentType -match '^[\x20-\x7e]+$') { $Attempt.details.contentType = $contentType.Substring(0, [Math]::Min(60, $contentType.Length)) }
  if ($answer.headers['proxy-authenticate']) { $Attempt.details.scheme = Get-Scheme $answer }
  $Attempt.facts.http = Get-HttpFact $Attempt $Row $HostName $answer
  $date = [DateTime]::MinValue
  $style = [Globalization.DateTimeStyles]'AssumeUniversal, AdjustToUniversal'
  if ([DateTime]::TryParse([string]$answer.headers['date'], [Globalization.CultureInfo]::InvariantCulture, $style, [ref]$date)) {
    Set-Clock $Attempt ([DateTime]::UtcNow - $date).TotalSeconds
  }
}

function Set-Clock($Attempt, [double]$Seconds) {
  if ([Math]::Abs($Seconds) -gt 300) { $Attempt.facts.clock = 'off' } else { $Attempt.facts.clock = 'ok' }
  $Attempt.details.clockSeconds = [string][Math]::Round($Seconds)
  $Attempt.details.direction = 'behind'; if ($Seconds -gt 0) { $Attempt.details.direction = 'ahead' }
  $Attempt.details.minutes = [string][Math]::Round([Math]::Abs($Seconds) / 60)
}

function Get-HttpFact($Attempt, $Row, [string]$HostName, $Answer) {
  $location = $null
  # The location can be relative.
  $target = [string]$Answer.headers['location']
  if ($target) { [void][uri]::TryCreate([uri]"http://$HostName/", $target, [ref]$location) }
  if ($Answer.status -ge 300 -and $Answer.status -lt 400 -and $location -and $location.Host -ne $HostName) {
    $Attempt.details.portal = $location.Authority
    return 'redirect'
  }
  $isPage = [string]$Answer.headers['content-type'] -match '^text/html'
  if ($Row.transport -eq 'http') {
    if ($Answer.status -eq 511 -or ($isPage -and $Answer.status -eq 200)) {
      $Attempt.details.portal = "HTTP $($Answer.status)"
      return 'page'
    }
    if ($Answer.status -eq 407) { return 'foreign' }
    if ($Answer.status -eq 200 -and (Test-SignedFile $Answer)) { return 'service' }
    return 'unclear'
  }
  if ($isPage) { return 'foreign' }
  $isOwn = switch ($Row.service) {
    'iot-hub' { ($Answer.headers['iothub-errorcode']) -or ($Answer.body -match '"Message":\s*"(ErrorCode:\w+|\{\\"errorCode\\":\d+)') }
    'blob-storage' { ($Answer.headers['x-ms-error-code']) -or ($Answer.headers['x-ms-request-id'] -and (@(401, 403, 404) -notcontains $Answer.status -or $Answer.body -match '<Code>\w+</Code>')) }
    'flow-api' { $Answer.status -ge 400 -and $Answer.body -match ('"statusCode":\s*' + $Answer.status + '\b') }
    default { $false }
  }
  if ($isOwn) { return 'service' } else { return 'foreign' }
}

# Whether a body is a certificate, a revocation list or an OCSP answer (one ASN.1 sequence), or a cabinet file of Windows.
function Test-SignedFile($Answer) {
  $bytes = $Answer.bytes; $at = 0
  if ([string]$Answer.headers['transfer-encoding'] -match 'chunked') {
    # The size of the first chunk is a line of its own.
    while ($at -lt $bytes.Length -and $bytes[$at] -ne 10) { $at++ }
    $at++
  }
  $left = $bytes.Length - $at
  if ($left -lt 4) { return $false }
  if ([Text.Encoding]::ASCII.GetString($bytes, $at, 4) -ceq 'MSCF') { return $true }
  $first = $bytes[$at + 1]
  if ($bytes[$at] -ne 48 -or $first -eq 128 -or $first -gt 132) { return $false }
  $count = 0; $total = [double]$first
  if ($first -gt 128) { $count = $first - 128; $total = 0.0 }
  if ($left -lt 2 + $count) { return $false }
  for ($index = 0; $index -lt $count; $index++) { $total = $total * 256 + $bytes[$at + 2 + $index] }
  $total = $total + 2 + $count
  # A long file is not read to its end, and a chunked one has more than its content.
  if ($at -gt 0) { return ($total -le $left -or $bytes.Length -ge 16384) }
  return ($total -eq $left -or ($bytes.Length -ge 16384 -and $total -ge $left))
}

# Asks for a WebSocket of MQTT, as terminals do.
function Invoke-Upgrade($Attempt, $Stream, [string]$HostName, [string]$Target) {
  $random = New-Object byte[] 16
  (New-Object Random).NextBytes($random)
  $key = [Convert]::ToBase64String($random)
  try {
    Send-Text $Stream ("GET $Target HTTP/1.1`r`nHost: $HostName`r`nConnection: Upgrade`r`nUpgrade: websocket`r`n" +
      "Sec-WebSocket-Version: 13`r`nSec-WebSocket-Key: $key`r`nSec-WebSocket-Protocol: mqtt`r`n`r`n")
    $answer = Read-Answer $Stream $false
  } catch {
    if ((Get-SocketErrorCode $_) -eq 'TimedOut') { $Attempt.facts.upgrade = 'timeout'; $Attempt.details.detail = 'no answer' }
    else { $Attempt.facts.upgrade = 'closed'; $Attempt.details.detail = 'closed' }
    return
  }
  $sha = [System.Security.Cryptography.SHA1]::Create()
  $expected = [Convert]::ToBase64String($sha.ComputeHash([Text.Encoding]::ASCII.GetBytes($key + '258EAFA5-E914-47DA-95CA-C5AB0DC85B11')))
  if ($answer.status -eq 101 -and $answer.headers['sec-websocket-accept'] -ceq $expected) { $Attempt.facts.upgrade = 'ok' }
  elseif ($answer.status -eq 0) { $Attempt.facts.upgrade = 'closed'; $Attempt.details.detail = 'closed' }
  else { $Attempt.facts.upgrade = 'refused'; $Attempt.details.detail = "HTTP $($answer.status)" }
}

# Sends one datagram; the answer, or $null.
function Send-Datagram($Attempt, [string]$Address, [int]$Port, [byte[]]$Bytes, [int]$Ms) {
  $family = [System.Net.IPAddress]::Parse($Address).AddressFamily
  $udp = New-Object System.Net.Sockets.UdpClient($family)
  try {
    $udp.Connect($Address, $Port)
    [void]$udp.Send($Bytes, $Bytes.Length)
    $task = $udp.ReceiveAsync()
    if ($task.Wait($Ms)) { $Attempt.facts.udp = 'answered'; return , $task.Result.Buffer }
    $Attempt.facts.udp = 'silent'
  } catch {
    $code = Get-SocketErrorCode $_
    # Windows reports a closed UDP port as a reset.
    if (@('ConnectionReset', 'ConnectionRefused') -contains $code) { $Attempt.facts.udp = 'refused' } else { $Attempt.facts.udp = 'failed' }
  } finally { $udp.Close() }
  return $null
}

function New-DnsQuery([string]$HostName) {
  $bytes = New-Object System.Collections.Generic.List[byte]
  foreach ($one in @(18, 52, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0)) { $bytes.Add([byte]$one) }
  foreach ($label in $HostName.Split('.')) {
    $bytes.Add([byte]$label.Length)
    $bytes.AddRange([Text.Encoding]::ASCII.GetBytes($label))
  }
  foreach ($one in @(0, 0, 1, 0, 1)) { $bytes.Add([byte]$one) }
  return , $bytes.ToArray()
}

# The error that a DNS server answers with for a name; empty when none answers, or without an error.
function Get-DnsServerError([string]$HostName, [int]$Ms) {
  $servers = @(Get-DnsServerAddress)
  foreach ($server in $servers) {
    $answer = Send-Datagram @{ facts = @{} } $server 53 (New-DnsQuery $HostName) ([int]($Ms / $servers.Count))
    if ($null -eq $answer -or $answer.Length -lt 12) { continue }
    # The code of the answer is in the lower half of the fourth byte (RFC 1035, section 4.1.1).
    $code = $answer[3] -band 15
    if ($code -eq 2) { return 'ESERVFAIL' }
    if ($code -eq 5) { return 'EREFUSED' }
  }
  return ''
}

function Test-Dns($Attempt, [string]$SampleHost, [int]$Ms) {
  $servers = @(Get-DnsServerAddress)
  $Attempt.details.dnsServer = 'none'
  if ($servers.Count -eq 0) { return }
  $Attempt.details.dnsServer = ($servers -join ', ')
  if ($Attempt.facts.protocol -eq 'tcp') {
    $client = Open-Tcp $Attempt $servers 53 $Ms
    if ($client) { $client.Close() }
    return
  }
  foreach ($server in $servers) {
    $answer = Send-Datagram $Attempt $server 53 (New-DnsQuery $SampleHost) ([int]($Ms / $servers.Count))
    if ($null -ne $answer) { $Attempt.details.dnsServer = $server; return }
  }
}

function Test-Time($Attempt, [string]$Address, [int]$Ms) {
  $question = New-Object byte[] 48
  $question[0] = 0x23
  $answer = Send-Datagram $Attempt $Address $Attempt.port $question $Ms
  if ($null -eq $answer -or $answer.Length -lt 48) { return }
  $seconds = 0.0
  foreach ($index in @(40, 41, 42, 43)) { $seconds = $seconds * 256 + $answer[$index] }
  $here = ([DateTime]::UtcNow - [DateTime]::new(1900, 1, 1, 0, 0, 0, [DateTimeKind]::Utc)).TotalSeconds
  if ($seconds -gt 0) { Set-Clock $Attempt ($here - $seconds) }
}

# Checks one port of one destination, and fills in the facts of the attempt.
function Test-Attempt($Attempt, $Row, $Options) {
  $ms = $Options.stageMs
  $hostName = $Attempt.details.host
  if ($Row.transport -eq 'dns') { Test-Dns $Attempt $Options.sampleHost $ms; return }
  if ($Attempt.facts.protocol -eq 'udp') {
    $addresses = @(Resolve-Name $Attempt $hostName $ms)
    if ($addresses.Count -eq 0) { return }
    if ($Row.transport -eq 'ntp') { Test-Time $Attempt $addresses[0] $ms }
    else { [void](Send-Datagram $Attempt $addresses[0] $Attempt.port (New-Object byte[] 16) $ms) }
    return
  }
  $isPlain = ($Row.transport -eq 'http')
  $scheme = 'https'; if ($isPlain) { $scheme = 'http' }
  $choice = $null
  # TeamViewer uses a proxy for its ports 443 and 80 only.
  if ($Row.transport -ne 'teamviewer' -or @(443, 80) -contains $Attempt.port) {
    $choice = Get-ProxyChoice "${scheme}://${hostName}:$($Attempt.port)/" $Options.proxy
  }
  $addresses = @()
  if ($null -eq $choice) {
    $addresses = @(Resolve-Name $Attempt $hostName $ms)
    if ($addresses.Count -eq 0) { return }
  }
  $open = {
    if ($null -eq $choice) { return Open-Tcp $Attempt $addresses $Attempt.port $ms }
    if ($isPlain) { return Open-Proxy $Attempt $choice $ms }
    return Open-Tunnel $Attempt $choice $hostName $Attempt.port $ms
  }
  $client = & $open
  if ($null -eq $client) { return }
  $path = '/'; if ($Row.probePath) { $path = $Row.probePath }
  try {
    if ($Row.transport -eq 'teamviewer') { return }
    if ($isPlain) {
      $target = $path; $more = ''
      if ($choice) { $target = "http://$hostName$path"; $more = Get-ProxyAuthorization $choice.url }
      Invoke-Get $Attempt $Row $client.GetStream() $hostName $target $more
      if ($choice) {
        if ($Attempt.details.status -eq '407') { $Attempt.facts.proxy = 'sign-in' }
        elseif ($Attempt.details.status -eq '403' -and $Attempt.facts.http -ne 'service') { $Attempt.facts.proxy = 'forbidden' }
        elseif (@('502', '503', '504') -contains $Attempt.details.status) { $Attempt.facts.proxy = 'refused' }
        elseif ($Attempt.facts.http -eq 'service') { $Attempt.facts.proxy = 'ok' }
      }
      return
    }
    $secured = Open-Tls $Attempt $Row $hostName $client $open
    if ($null -eq $secured) { return }
    $isWebSocket = ($Row.transport -eq 'websocket')
    $target = $path; if ($isWebSocket) { $target = '/devices/doctor/messages/devicebound?api-version=2021-04-12' }
    Invoke-Get $Attempt $Row $secured $hostName $target ''
    if (-not $isWebSocket -or $Attempt.facts.http -ne 'service') { return }
    $client.Close()
    $client = & $open
    if ($null -eq $client) { return }
    $secured = Open-Tls $Attempt $Row $hostName $client $open
    if ($secured) { Invoke-Upgrade $Attempt $secured $hostName $path }
  } finally { if ($client) { $client.Close() } }
}

# The attempt of a port before it is checked.
function New-Attempt($Row, [int]$Index, [string]$Families, $Table) {
  $facts = @{}
  foreach ($one in $Table.noFacts.PSObject.Properties) { $facts[$one.Name] = $one.Value }
  $port = $Row.ports[$Index]; $first = $Row.ports[0]
  foreach ($name in @('service', 'transport', 'requirement', 'availability', 'tlsInspection')) { $facts[$name] = $Row.$name }
  $facts.protocol = $port.protocol
  $facts.isFallback = ($Index -gt 0 -and $port.number -ne $first.number)
  $facts.isPattern = ([string]$Row.host).Contains('*')
  $facts.isComplete = $false
  $facts.localFamilies = $Families
  $method = 'CONNECT'; if ($Row.transport -eq 'http') { $method = 'GET' }
  $details = @{
    host = (Get-SampleHost ([string]$Row.host)); pattern = [string]$Row.host; port = [string]$port.number
    protocol = $port.protocol.ToUpperInvariant(); region = [string]$Row.region; method = $method
    firstPort = "$($first.protocol.ToUpperInvariant()) $($first.number)"
  }
  return @{ port = [int]$port.number; facts = $facts; details = $details }
}

# Runs all checks side by side, each in a runspace of its own.
function Invoke-AllChecks($List, $Table, $Options) {
  $state = [System.Management.Automation.Runspaces.InitialSessionState]::CreateDefault()
  foreach ($function in Get-ChildItem Function:) {
    if (-not $function.ScriptBlock.File -or $function.ScriptBlock.File -ne $Options.file) { continue }
    $entry = New-Object System.Management.Automation.Runspaces.SessionStateFunctionEntry($function.Name, $function.Definition)
    $state.Commands.Add($entry)
  }
  $pool = [runspacefactory]::CreateRunspacePool(1, 64, $state, $Host)
  $pool.Open()
  $families = Get-LocalFamily
  $rows = @(); $running = @()
  foreach ($row in $List.destinations) {
    $attempts = @()
    for ($index = 0; $index -lt @($row.ports).Count; $index++) {
      $attempt = New-Attempt $row $index $families $Table
      $attempts += , $attempt
      $shell = [powershell]::Create()
      $shell.RunspacePool = $pool
      [void]$shell.AddCommand('Test-Attempt').AddArgument($attempt).AddArgument($row).AddArgument($Options)
      $running += , @{ shell = $shell; handle = $shell.BeginInvoke(); attempt = $attempt }
    }
    $rows += , @{ row = $row; attempts = $attempts }
  }
  $watch = [Diagnostics.Stopwatch]::StartNew()
  foreach ($one in $running) {
    $left = [Math]::Max(0, $Options.runMs - $watch.ElapsedMilliseconds)
    if ($one.handle.AsyncWaitHandle.WaitOne([int]$left)) { $one.attempt.facts.isComplete = $true }
  }
  return , $rows
}

# Of a time, or of a text that PowerShell 7 has read as a time. The format has no part that depends on the language.
function Get-IsoTime($Value, [string]$Format = 'yyyy-MM-ddTHH:mm:ss.fffZ') {
  if ($Value -is [DateTime]) { return $Value.ToUniversalTime().ToString($Format, [Globalization.CultureInfo]::InvariantCulture) }
  return [string]$Value
}

function Get-Explanation($Words, [string]$Reason, [string]$Cause, $Details) {
  $texts = $Words.reasons.$Reason
  $result = @{ why = @{}; request = $null }
  if ($texts.request) { $result.request = @{} }
  foreach ($language in @('en', 'no')) {
    $all = @{}
    foreach ($name in $Details.Keys) {
      $text = [string]$Details[$name]; $all[$name] = $text
      if (-not $text) { continue }
      $known = $Words.details.PSObject.Properties[$text]
      if ($known) { $all[$name] = $known.Value.$language }
    }
    $all.cause = ''
    if ($Cause) { $all.cause = Format-Text $Words.reasons.$Cause.why.$language $all }
    $result.why[$language] = Format-Text $texts.why.$language $all
    if ($texts.request) { $result.request[$language] = Format-Text $texts.request.$language $all }
  }
  return $result
}

function Get-Measured($Attempt) {
  $measured = [ordered]@{}
  foreach ($name in @('route', 'dns', 'proxy', 'tcp', 'udp', 'tls', 'chain', 'http', 'upgrade')) {
    if ($Attempt.facts[$name] -ne 'not-tried') { $measured[$name] = [string]$Attempt.facts[$name] }
  }
  foreach ($name in @('host', 'dnsServer', 'addresses', 'proxySource', 'scheme', 'tlsVersion', 'cipher', 'issuer', 'status', 'clockSeconds', 'detail')) {
    if ($Attempt.details[$name]) { $measured[$name] = [string]$Attempt.details[$name] }
  }
  if ($Attempt.details.proxy) { $measured['proxyHost'] = $Attempt.details.proxy }
  return $measured
}

# Judges all rows together, and makes the report.
function New-Report($Rows, $List, $Table, $Words, [DateTime]$StartedAt, [double]$Seconds) {
  Set-RelatedFact $Rows
  $counts = [ordered]@{ 'passed' = 0; 'works-with-remark' = 0; 'not-needed' = 0; 'could-not-tell' = 0; 'failed' = 0 }
  $results = @(); $proxies = @(); $source = ''
  foreach ($row in $Rows) {
    $chosen = Select-Attempt $row.attempts $Table
    $decision = Get-Decision $chosen.facts $Table
    $counts[$decision.verdict]++
    $explained = Get-Explanation $Words $decision.reason $decision.cause $chosen.details
    $attempts = @()
    foreach ($attempt in $row.attempts) {
      $own = Get-Decision $attempt.facts $Table
      $attempts += [ordered]@{ protocol = $attempt.facts.protocol; port = $attempt.port; verdict = $own.verdict; reason = $own.reason; measured = (Get-Measured $attempt) }
      if ($attempt.details.proxy) { $proxies += $attempt.details.proxy; $source = $attempt.details.proxySource }
    }
    $results += [ordered]@{
      id = $row.row.id; host = $row.row.host; service = $row.row.service; region = $row.row.region
      requirement = $row.row.requirement; verdict = $decision.verdict; reason = $decision.reason
      why = $explained.why; request = $explained.request; attempts = @($attempts)
    }
  }
  $required = @($results | Where-Object { $_.requirement -eq 'required' })
  $outcome = 'ok'
  if (@($required | Where-Object { $_.verdict -eq 'could-not-tell' }).Count -gt 0) { $outcome = 'incomplete' }
  if (@($required | Where-Object { $_.verdict -eq 'failed' }).Count -gt 0) { $outcome = 'blocked' }
  $report = [ordered]@{
    version = 1; createdAt = (Get-IsoTime $StartedAt); program = 'terminal-doctor.ps1'
    computer = [Environment]::MachineName; environment = $List.environment
  }
  if ($List.customer) { $report.customer = $List.customer }
  $report.listCreatedAt = Get-IsoTime $List.createdAt
  $report.proxy = $null
  if ($source) { $report.proxy = @{ source = $source; hosts = @($proxies | Select-Object -Unique | ForEach-Object { [string]$_ }) } }
  $report.outcome = $outcome
  $report.regionsCutOff = @(Get-CutOffRegion $Rows)
  $report.counts = $counts
  $report.seconds = [Math]::Round($Seconds, 3)
  $report.results = @($results)
  return $report
}

function Write-Report($Report, $Words, [string]$Lang) {
  foreach ($one in $Report.results) {
    $name = $one.host; if (-not $name) { $name = $one.id }
    $ports = @($one.attempts | ForEach-Object { "$($_.protocol.ToUpperInvariant()) $($_.port)" }) -join ', '
    $mark = ''; if ($one.requirement -eq 'optional') { $mark = ', ' + $Words.headings.optional.$Lang }
    Write-Output "$($Words.verdicts.($one.verdict).$Lang)  $name ($ports$mark)"
    Write-Output "    $($one.why[$Lang])"
    if ($one.request) { Write-Output "    > $($one.request[$Lang])" }
  }
  $numbers = @{
    passed = $Report.counts['passed']; remarks = $Report.counts['works-with-remark']; notNeeded = $Report.counts['not-needed']
    unknown = $Report.counts['could-not-tell']; failed = $Report.counts['failed']
  }
  Write-Output ''
  Write-Output ((Format-Text $Words.headings.summary.$Lang $numbers) + '.')
  foreach ($region in $Report.regionsCutOff) { Write-Output (Format-Text $Words.headings.regionCutOff.$Lang @{ region = $region }) }
  $required = @($Report.results | Where-Object { $_.requirement -eq 'required' })
  $failed = @($required | Where-Object { $_.verdict -eq 'failed' } | ForEach-Object { $_.id }) -join ', '
  $unknown = @($required | Where-Object { $_.verdict -eq 'could-not-tell' } | ForEach-Object { $_.id }) -join ', '
  if ($failed) { Write-Output (Format-Text $Words.headings.failing.$Lang @{ ids = $failed }) }
  if ($unknown) { Write-Output (Format-Text $Words.headings.unknown.$Lang @{ ids = $unknown }) }
  if (-not $failed -and -not $unknown) { Write-Output $Words.headings.allGood.$Lang }
}

# Compares this script's decisions with the expected ones of a file; the number of differences.
function Test-DecisionCase([string]$Path, $Table) {
  $wrong = 0
  foreach ($case in (Get-Content -Raw -Encoding UTF8 $Path | ConvertFrom-Json)) {
    $facts = @{}
    foreach ($one in $Table.noFacts.PSObject.Properties) { $facts[$one.Name] = $one.Value }
    foreach ($one in $case.facts.PSObject.Properties) { $facts[$one.Name] = $one.Value }
    $decision = Get-Decision $facts $Table
    if ($decision.verdict -ne $case.verdict -or $decision.reason -ne $case.reason -or $decision.cause -ne [string]$case.cause) {
      $wrong++
      Write-Warning "$($case.name): $($decision.verdict) $($decision.reason), expected $($case.verdict) $($case.reason)"
    }
  }
  return $wrong
}

# Dot-sourced, the script only defines its functions.
if ($MyInvocation.InvocationName -ne '.') {
  $words = $WordsJson | ConvertFrom-Json
  if ($ExecutionContext.SessionState.LanguageMode -ne 'FullLanguage') { Write-Output $words.headings.restricted.$Lang; exit 1 }
  if ($Proxy -and $Proxy -ne 'none' -and $Proxy -notmatch '^http://([^/@]*@)?[^/@]+/?$') { Write-Output $words.headings.wrongProxy.$Lang; exit 2 }
  $table = $TableJson | ConvertFrom-Json
  if ($Cases) { exit ([Math]::Min(1, (Test-DecisionCase $Cases $table))) }
  $list = $ListJson | ConvertFrom-Json
  $sample = @($list.destinations | Where-Object { $_.host -and -not $_.host.Contains('*') })[0].host
  $options = @{ stageMs = $StageMs; runMs = $RunMs; proxy = $Proxy; sampleHost = $sample; file = $PSCommandPath }
  $startedAt = [DateTime]::UtcNow
  $rows = Invoke-AllChecks $list $table $options
  $report = New-Report $rows $list $table $words $startedAt ([DateTime]::UtcNow - $startedAt).TotalSeconds
  if ($Json) {
    $text = $report | ConvertTo-Json -Depth 12
    $target = $ExecutionContext.SessionState.Path.GetUnresolvedProviderPathFromPSPath($Json)
    [IO.File]::WriteAllText($target, $text, (New-Object Text.UTF8Encoding($false)))
  }
  Write-Report $report $words $Lang
  if ($report.outcome -eq 'ok') { exit 0 }
  if ($report.outcome -eq 'incomplete') { exit 1 }
  exit 4
}
