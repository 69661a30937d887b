{ Client for the Upscope co-browsing REST API: find visitors, make watch links, stop sessions, list their history.

  Delphi 7 and later, Free Pascal 3; Win32, Win64, Linux. Needs upscope.dll (libupscope.so) beside the program or where
  the system looks for libraries; it is loaded at first use, and EUpscopeNotLoaded says in a sentence why it was not.

  Text is Unicode (UpscopeText), and UTF-8 at the library's boundary; it never goes by way of a code page.
  A client may be used by any number of threads at once: make one and keep it. Calls wait, at most their timeout; what
  may not wait starts a call and asks from a timer (TUpscopePending).
  Answers are IUpscopeJson: Client.GetVisitor('1234').Text('name'). Failed calls raise an EUpscopeError. }
unit upscope;

{$IFDEF FPC}{$MODE DELPHI}{$ENDIF}

interface

uses
{$IFNDEF FPC}
  SyncObjs,
{$ENDIF}
  SysUtils, upscopejson;

const
  { How a call ended. }
  UPSCOPE_OK = 0;
  UPSCOPE_INVALID_ARGUMENT = 1;
  UPSCOPE_UNAUTHORIZED = 2;
  UPSCOPE_PAYMENT_REQUIRED = 3;
  UPSCOPE_NOT_FOUND = 4;
  UPSCOPE_CONFLICT = 5;
  UPSCOPE_RATE_LIMITED = 6;
  UPSCOPE_SERVER_ERROR = 7;
  UPSCOPE_HTTP_ERROR = 8;
  UPSCOPE_TIMEOUT = 9;
  UPSCOPE_CONNECTION = 10;
  UPSCOPE_BAD_RESPONSE = 11;
  UPSCOPE_CANCELLED = 12;
  UPSCOPE_INTERNAL = 13;
  UPSCOPE_DONE = 100;
  UPSCOPE_PENDING = 101;

type
  { The library cannot be loaded; the message says which file was looked for, and why it did not do. }
  EUpscopeNotLoaded = class(Exception);

  { A call failed. No text of it holds the API key, a proxy's password, a watch link or a token.
    Message: in compilers whose strings are not Unicode, letters outside ASCII are shown as \uXXXX. }
  EUpscopeError = class(Exception)
  private
    FError: IUpscopeJson;
    function GetText: UpscopeText;
    function GetCode: UpscopeText;
    function GetStatus: Integer;
    function GetOperation: UpscopeText;
    function GetHttpStatus: Integer;
    function GetApiError: UpscopeText;
    function GetApiMessage: UpscopeText;
    function GetRequestId: UpscopeText;
    function GetAttempts: Integer;
    function GetRetryable: Boolean;
    function GetRetryAfterMs: Int64;
    function GetMayHaveApplied: Boolean;
  public
    constructor CreateFrom(const Error: IUpscopeJson);
    { The sentence for a person or a log, whole. }
    property Text: UpscopeText read GetText;
    { The kind of failure, such as 'not_found'; the same in every language. }
    property Code: UpscopeText read GetCode;
    { Its number, UPSCOPE_NOT_FOUND. }
    property Status: Integer read GetStatus;
    { The operation that failed, such as 'get_visitor'; '' where there is none. }
    property Operation: UpscopeText read GetOperation;
    { The status of the HTTP answer; 0 when there was none. }
    property HttpStatus: Integer read GetHttpStatus;
    { The service's own text, such as 'invalid_api_key'; '' where there is none. }
    property ApiError: UpscopeText read GetApiError;
    { The service's own sentence; '' where there is none. }
    property ApiMessage: UpscopeText read GetApiMessage;
    { The X-Request-Id of the answer, or its Request-Id; '' where there is none. What to give the service's support. }
    property RequestId: UpscopeText read GetRequestId;
    { How many requests were attempted. }
    property Attempts: Integer read GetAttempts;
    { Whether the same call may succeed later and repeating it does no harm. }
    property Retryable: Boolean read GetRetryable;
    { How many milliseconds the service asked to wait; -1 when it did not. }
    property RetryAfterMs: Int64 read GetRetryAfterMs;
    { Whether something may have been changed although the call failed. }
    property MayHaveApplied: Boolean read GetMayHaveApplied;
    { The error object: code, message and all the others. }
    property Json: IUpscopeJson read FError;
  end;

  { The request or the configuration is wrong. Nothing was sent. }
  EUpscopeInvalidArgument = class(EUpscopeError);
  { The service answered with an error. }
  EUpscopeApiError = class(EUpscopeError);
  { HTTP 401: the API key is not accepted. }
  EUpscopeUnauthorized = class(EUpscopeApiError);
  { HTTP 402: the subscription does not cover the call. }
  EUpscopePaymentRequired = class(EUpscopeApiError);
  { HTTP 404: no such visitor, agent or path. }
  EUpscopeNotFound = class(EUpscopeApiError);
  { HTTP 409: the present state forbids the call; a visitor who is online cannot be deleted. }
  EUpscopeConflict = class(EUpscopeApiError);
  { HTTP 429, with the retries used up. }
  EUpscopeRateLimited = class(EUpscopeApiError);
  { HTTP 5xx, with the retries used up. }
  EUpscopeServerError = class(EUpscopeApiError);
  { Any other HTTP status but 2xx. Redirects are not followed. }
  EUpscopeHttpError = class(EUpscopeApiError);
  { The call's time passed, in whichever phase. }
  EUpscopeCallTimeout = class(EUpscopeError);
  { No connection, or a broken one: DNS, refused, TLS, proxy, reset, closed. }
  EUpscopeTransport = class(EUpscopeError);
  { An answer of status 2xx that cannot be read, or lacks what the operation promises. }
  EUpscopeBadResponse = class(EUpscopeError);
  { The call was cancelled. }
  EUpscopeCallCancelled = class(EUpscopeError);
  { A fault of the library. Please report it. }
  EUpscopeInternal = class(EUpscopeError);

  { What the agent may do. }
  TUpscopePermission = (upAgentRedirect, upAudio, upClick, upConfetti, upConsole, upDraw, upNotes,
    upRequestVisitorScreen, upScroll, upShowAgentScreen, upType, upHidePrivateDetails);
  TUpscopePermissions = set of TUpscopePermission;

  { What is left out of the agent's page: as the service has it; nothing; the logo; the agent's controls as well. }
  TUpscopeNaked = (unDefault, unNo, unYes, unPageOnly);

  { What CreateWatchUrl asks for; begin with UpscopeWatch. What is '', nil or in no set is left to the service. }
  TUpscopeWatch = record
    VisitorId: UpscopeText;
    { The agent's id in your own system, and the name, which may be ''. }
    AgentId, AgentName: UpscopeText;
    Naked: TUpscopeNaked;
    { Where the browser goes when the session ends, and where a "Retry now" link leads. }
    OnEndUrl, RetryUrl: UpscopeText;
    { What the agent's notes hold at the start. }
    InitialNotes: UpscopeText;
    { Kept with the session's record: texts, numbers and booleans by name. }
    Metadata: IUpscopeObject;
    Allow, Forbid: TUpscopePermissions;
    { The language of the agent's page. }
    Language: UpscopeText;
    { The person who views the screen, when that is not the agent. }
    ViewerId, ViewerName: UpscopeText;
    { Where the service posts the session's record when it has ended. }
    WebhookUrl: UpscopeText;
  end;

  { Which sessions; begin with UpscopeAllSessions. What is '' or False is not asked for. }
  TUpscopeFilter = record
    BeforeId, AfterId: UpscopeText;
    OngoingOnly: Boolean;
    { RFC 3339 with its offset, such as 2026-01-31T09:30:00+01:00. }
    UpdatedAfter: UpscopeText;
  end;

  TUpscopePending = class;
  TUpscopePages = class;

  { Lets one thread through at a time. }
{$IFDEF FPC}
  TUpscopeGate = class
  private
    FSection: TRTLCriticalSection;
  public
    constructor Create;
    destructor Destroy; override;
    procedure Acquire;
    procedure Release;
  end;
{$ELSE}
  TUpscopeGate = TCriticalSection;
{$ENDIF}

  { Bytes, the last of which is 0. }
  TBytesOfUpscope = array of Byte;

  { A native handle, freed when nobody uses it any more: a client may be freed while calls of it run. }
  IUpscopeHandle = interface
    ['{57C40C4B-0B7E-4B8A-8F8E-0D0A6D7E2A11}']
    function Raw: Pointer;
  end;

  { Every operation takes Options, settings of that call alone, such as UpscopeObject.Add('timeout_ms', 5000);
    also max_retries, extra_query, extra_body. The Document of an answer is the whole that the service sent. }
  TUpscopeClient = class
  private
    FHandle: IUpscopeHandle;
    FGate: TUpscopeGate;
    function Handle: IUpscopeHandle;
    function Answer(const Operation: UpscopeText; const Request, Options: IUpscopeObject;
      const Member: UpscopeText): IUpscopeJson;
  public
    { Config: a JSON object of settings, as UpscopeObject gives it, such as api_key, base_url, timeout_ms, proxy and
      ca_file; '' for the defaults, with the key of the environment variable UPSCOPE_API_KEY. }
    constructor Create(const Config: UpscopeText = '');
    { Started calls and walks go on; so do calls that other threads are in. }
    destructor Destroy; override;

    { The account's usage statistics. }
    function GetUsage(const Options: IUpscopeObject = nil): IUpscopeJson;
    { Visitors: an array. Search: free text, an e-mail address, 'online', '-online', 'ip:1.1.1.1', 'id:' and a unique
      id, a four-digit lookup code, '#' and a tag, 'integration_id:'; '' for the latest. MaxResults: 1 to 10; 1 is
      fastest; 0 leaves it to the service. }
    function ListVisitors(const Search: UpscopeText = ''; MaxResults: Integer = 0;
      const Options: IUpscopeObject = nil): IUpscopeJson;
    { One visitor, by the short id. }
    function GetVisitor(const VisitorId: UpscopeText; const Options: IUpscopeObject = nil): IUpscopeJson;
    { A secure link with which an agent starts a session: 'watch_url', 'expiration'. Who holds it sees the screen: open
      it at once, and store it nowhere. }
    function CreateWatchUrl(const Watch: TUpscopeWatch; const Options: IUpscopeObject = nil): IUpscopeJson;
    { Stops the visitor's active session. }
    function StopSession(const VisitorId: UpscopeText; const Options: IUpscopeObject = nil): IUpscopeJson;
    { Deletes one visitor; EUpscopeConflict when they are online. }
    function DeleteVisitor(const VisitorId: UpscopeText; const Options: IUpscopeObject = nil): IUpscopeJson;
    { Deletes every visitor who is not online. All: True, to confirm. }
    function DeleteAllVisitors(All: Boolean; const Options: IUpscopeObject = nil): IUpscopeJson;
    { An agent, by one of both: e-mail address of a user of the account, or id in your own system. }
    function LookupAgent(const Email, ExternalId: UpscopeText; const Options: IUpscopeObject = nil): IUpscopeJson;
    { One page of sessions, from first to last: 'cobrowsing_sessions', 'has_more', 'last_id'. }
    function ListSessions(const Filter: TUpscopeFilter; const Options: IUpscopeObject = nil): IUpscopeJson;
    { Authorizes a session on an on-premise server: 'authorized', 'token'; treat the token as a password. }
    function AuthorizeOnpremiseSession(const VisitorId, AgentId, AgentName: UpscopeText;
      const Options: IUpscopeObject = nil): IUpscopeJson;
    { Any request below the base URL. Method: GET, POST, PUT, PATCH or DELETE. Path: such as '/usage'. Body: any JSON,
      '' for none. }
    function Request(const Method, Path: UpscopeText; const Query: IUpscopeObject = nil; const Body: UpscopeText = '';
      const Options: IUpscopeObject = nil): IUpscopeJson;

    { The operation of this name, JSON in and JSON out; Request '' is an empty object. }
    function Call(const Operation: UpscopeText; const Request: UpscopeText = ''): UpscopeText;
    { Starts it instead of waiting. A bad request raises here. Free what this gives. }
    function Start(const Operation: UpscopeText; const Request: UpscopeText = ''): TUpscopePending;
    { Begins a walk through all pages. Nothing is sent yet. Free what this gives. }
    function OpenSessions(const Filter: TUpscopeFilter; const Options: IUpscopeObject = nil): TUpscopePages; overload;
    function OpenSessions(const Request: UpscopeText = ''): TUpscopePages; overload;
  end;

  { A call that was started. Ask with Poll from a TTimer. Freeing it cancels it if it still runs, and never waits. }
  TUpscopePending = class
  private
    FHandle: Pointer;
    FAtEnd: Boolean;
  public
    { For the units of this library. }
    constructor CreateOf(Handle: Pointer);
    destructor Destroy; override;
    { Whether it has ended, and if so the answer. Raises what the call itself would have raised. Does not wait. }
    function Poll(out Answer: IUpscopeJson): Boolean;
    { The same, and waits for the end at most so long. }
    function Wait(TimeoutMs: Cardinal; out Answer: IUpscopeJson): Boolean;
    { Ends the call with EUpscopeCallCancelled, unless it has ended already. Any thread may do this. }
    procedure Cancel;
    { Of a page that was started: there are no more pages, and Answer has kind jkNothing. }
    property AtEnd: Boolean read FAtEnd;
  end;

  { A walk through the pages of sessions. It may outlive its client. }
  TUpscopePages = class
  private
    FHandle: Pointer;
  public
    { For the units of this library. }
    constructor CreateOf(Handle: Pointer);
    destructor Destroy; override;
    { Fetches the next page; False after the last. After an exception the same page can be asked for again. }
    function Next(out Page: IUpscopeJson): Boolean;
    { Starts to fetch it instead of waiting. Free what this gives. }
    function StartNext: TUpscopePending;
    { Whether to fetch the next page ahead, on a thread of the library; not at the start. }
    procedure Prefetch(IsOn: Boolean);
  end;

  { Takes a log line. Level: 1 error, 2 warning (a retry), 3 information, 4 debug (an attempt), 5 trace. }
  TUpscopeLog = procedure(Level: Integer; const Line: UpscopeText) of object;

{ A record with everything left to the service but these. }
function UpscopeWatch(const VisitorId, AgentId: UpscopeText; const AgentName: UpscopeText = ''): TUpscopeWatch;

{ A filter that lets all sessions through. }
function UpscopeAllSessions: TUpscopeFilter;

{ Reads the body of the service's POST to a webhook URL, UTF-8 as it came or already text: the session that has ended.
  Only its 'id' is sure; whoever knows the URL can post to it. }
function UpscopeParseWebhook(const Body: UpscopeText): IUpscopeJson;
function UpscopeParseWebhookUtf8(Body: PAnsiChar; Length: Integer): IUpscopeJson;

{ Sends the library's log lines, of all clients, to Log; nil turns them off, as at the start. No line holds a key, a
  query or a body. Log runs on the thread that makes the call, for started calls one of the library's: it may not touch
  the program's windows. What it raises is dropped. In Free Pascal on Linux the program needs the unit cthreads. }
procedure UpscopeSetLogger(Log: TUpscopeLog; MaxLevel: Integer = 4);

{ The library's version, such as '0.1.0'. }
function UpscopeVersion: UpscopeText;

{ All operations, with the JSON Schema of their requests. }
function UpscopeOperations: IUpscopeJson;

{ Loads the library from a file of your choice; without it, the first use loads it from beside the program, or from where
  the system looks. It is never unloaded. }
procedure UpscopeLoad(const FileName: UpscopeText = '');

{ UTF-8 and back. What is no Unicode text raises EUpscopeInvalidArgument; What names it in the message. }
function UpscopeToUtf8(const Text: UpscopeText; const What: string): TBytesOfUpscope;
function UpscopeFromUtf8(Text: PAnsiChar): UpscopeText;

implementation

uses
{$IFDEF MSWINDOWS}
  Windows,
{$ENDIF}
{$IFDEF FPC}
  dynlibs,
{$ENDIF}
  Math;

{$IFDEF DARWIN}
  {$DEFINE APPLE}
{$ENDIF}
{$IFDEF MACOS}
  {$DEFINE APPLE}
{$ENDIF}

const
{$IFDEF MSWINDOWS}
  LibraryName = 'upscope.dll';
{$ELSE}
{$IFDEF APPLE}
  LibraryName = 'libupscope.dylib';
{$ELSE}
  LibraryName = 'libupscope.so';
{$ENDIF}
{$ENDIF}
{$IFDEF CPU64}
  {$DEFINE SIXTYFOUR}
{$ENDIF}
{$IFDEF CPUX64}
  {$DEFINE SIXTYFOUR}
{$ENDIF}
{$IFDEF SIXTYFOUR}
  Bits = '64';
{$ELSE}
  Bits = '32';
{$ENDIF}

type
  PText = ^PAnsiChar;
  TLogFunction = procedure(UserData: Pointer; Level: Integer; Line: PAnsiChar); cdecl;

var
  LibraryHandle: {$IFDEF FPC}TLibHandle{$ELSE}THandle{$ENDIF};
  Loaded: Boolean;
  LoadGate: TUpscopeGate;
  { Read by threads of the library: set before the library has it, cleared after the library has left it. }
  Logger: TUpscopeLog;

  client_new: function(Config: PAnsiChar; var Client: Pointer; var Error: PAnsiChar): Integer; cdecl;
  client_free: procedure(Client: Pointer); cdecl;
  call: function(Client: Pointer; Operation, Request: PAnsiChar; var Response: PAnsiChar): Integer; cdecl;
  parse_webhook: function(Body: PAnsiChar; var Session: PAnsiChar): Integer; cdecl;
  sessions_open: function(Client: Pointer; Request: PAnsiChar; var Pages: Pointer; var Error: PAnsiChar): Integer; cdecl;
  sessions_next: function(Pages: Pointer; var Page: PAnsiChar): Integer; cdecl;
  sessions_start_next: function(Pages, Done, UserData: Pointer; var Pending: Pointer; var Error: PAnsiChar): Integer;
    cdecl;
  sessions_prefetch: procedure(Pages: Pointer; IsOn: Integer); cdecl;
  sessions_free: procedure(Pages: Pointer); cdecl;
  start: function(Client: Pointer; Operation, Request: PAnsiChar; Done, UserData: Pointer; var Pending: Pointer;
    var Error: PAnsiChar): Integer; cdecl;
  pending_wait: function(Pending: Pointer; TimeoutMs: Cardinal; var Response: PAnsiChar): Integer; cdecl;
  pending_cancel: procedure(Pending: Pointer); cdecl;
  pending_free: procedure(Pending: Pointer); cdecl;
  set_logger: procedure(Log: TLogFunction; UserData: Pointer; MaxLevel: Integer); cdecl;
  string_free: procedure(Text: PAnsiChar); cdecl;
  version: function: PAnsiChar; cdecl;
  operations: function: PAnsiChar; cdecl;

type
  { Delphi and Free Pascal have the processor raise exceptions for what C libraries expect to go on quietly, such as a
    number that does not fit. While the library runs, and for the threads that it starts, they are put aside. }
  TQuietMath = TFPUExceptionMask;

function QuietMath: TQuietMath;
begin
  Result := SetExceptionMask([exInvalidOp, exDenormalized, exZeroDivide, exOverflow, exUnderflow, exPrecision]);
end;

procedure EndQuietMath(const Before: TQuietMath);
begin
{$IFDEF FPC}
  { What was noted quietly must not be raised by the next thing that the program calculates. }
  ClearExceptions(False);
{$ENDIF}
  SetExceptionMask(Before);
end;

{$IFDEF FPC}
constructor TUpscopeGate.Create;
begin
  inherited Create;
  InitCriticalSection(FSection);
end;

destructor TUpscopeGate.Destroy;
begin
  DoneCriticalSection(FSection);
  inherited Destroy;
end;

procedure TUpscopeGate.Acquire;
begin
  EnterCriticalSection(FSection);
end;

procedure TUpscopeGate.Release;
begin
  LeaveCriticalSection(FSection);
end;
{$ENDIF}

{ Text }

function Utf8Of(const Text: UpscopeText; out Bad: Integer): TBytesOfUpscope;
var
  I, N, Code: Integer;
begin
  Bad := 0;
  Result := nil;
  SetLength(Result, 3 * Length(Text) + 1);
  N := 0;
  I := 1;
  while I <= Length(Text) do
  begin
    Code := Ord(Text[I]);
    if (Code >= $D800) and (Code < $E000) then
    begin
      if (Code >= $DC00) or (I = Length(Text)) or (Ord(Text[I + 1]) < $DC00) or (Ord(Text[I + 1]) >= $E000) then
      begin
        Bad := I;
        Exit;
      end;
      Inc(I);
      Code := $10000 + (Code - $D800) * $400 + Ord(Text[I]) - $DC00;
      Result[N] := $F0 or (Code shr 18);
      Result[N + 1] := $80 or ((Code shr 12) and $3F);
      Result[N + 2] := $80 or ((Code shr 6) and $3F);
      Result[N + 3] := $80 or (Code and $3F);
      Inc(N, 4);
    end
    else if Code >= $800 then
    begin
      Result[N] := $E0 or (Code shr 12);
      Result[N + 1] := $80 or ((Code shr 6) and $3F);
      Result[N + 2] := $80 or (Code and $3F);
      Inc(N, 3);
    end
    else if Code >= $80 then
    begin
      Result[N] := $C0 or (Code shr 6);
      Result[N + 1] := $80 or (Code and $3F);
      Inc(N, 2);
    end
    else
    begin
      Result[N] := Code;
      Inc(N);
    end;
    Inc(I);
  end;
  Result[N] := 0;
  SetLength(Result, N + 1);
end;

function UpscopeFromUtf8(Text: PAnsiChar): UpscopeText;
var
  From: PAnsiChar;
  Units, Code: Integer;
  Into: PWideChar;
begin
  Result := '';
  if Text = nil then Exit;
  { The library hands out nothing but UTF-8: a letter of four bytes becomes two units, any other one. }
  Units := 0;
  From := Text;
  while From^ <> #0 do
  begin
    if Ord(From^) and $C0 <> $80 then Inc(Units);
    if Ord(From^) >= $F0 then Inc(Units);
    Inc(From);
  end;
  if Units = 0 then Exit;
  SetLength(Result, Units);
  Into := PWideChar(Result);
  From := Text;
  while From^ <> #0 do
  begin
    Code := Ord(From^);
    if Code < $80 then Inc(From)
    else if Code < $E0 then
    begin
      Code := (Code and $1F) shl 6 or Ord(From[1]) and $3F;
      Inc(From, 2);
    end
    else if Code < $F0 then
    begin
      Code := (Code and $0F) shl 12 or (Ord(From[1]) and $3F) shl 6 or Ord(From[2]) and $3F;
      Inc(From, 3);
    end
    else
    begin
      Code := (Code and $07) shl 18 or (Ord(From[1]) and $3F) shl 12 or (Ord(From[2]) and $3F) shl 6 or
        Ord(From[3]) and $3F;
      Inc(From, 4);
      Dec(Code, $10000);
      Into^ := WideChar($D800 + Code shr 10);
      Inc(Into);
      Code := $DC00 + Code and $3FF;
    end;
    Into^ := WideChar(Code);
    Inc(Into);
  end;
end;

{ For the Message of an exception, and for file names in it. }
function Shown(const Text: UpscopeText): string;
{$IFDEF UNICODE}
begin
  Result := Text;
end;
{$ELSE}
var
  I: Integer;
{$IFDEF FPC}
  Bytes: TBytesOfUpscope;
  Bad: Integer;
{$ENDIF}
begin
{$IFDEF FPC}
  if DefaultSystemCodePage = CP_UTF8 then
  begin
    Bytes := Utf8Of(Text, Bad);
    if Bad = 0 then
    begin
      Result := PAnsiChar(Bytes);
      Exit;
    end;
  end;
{$ENDIF}
  Result := '';
  for I := 1 to Length(Text) do
    if Ord(Text[I]) < 128 then Result := Result + Char(Ord(Text[I]))
    else Result := Result + '\u' + IntToHex(Ord(Text[I]), 4);
end;
{$ENDIF}

{ Errors }

constructor EUpscopeError.CreateFrom(const Error: IUpscopeJson);
begin
  inherited Create(Shown(Error.Text('message')));
  FError := Error;
end;

function EUpscopeError.GetText: UpscopeText;
begin
  Result := FError.Text('message');
end;

function EUpscopeError.GetCode: UpscopeText;
begin
  Result := FError.Text('code');
end;

function EUpscopeError.GetStatus: Integer;
begin
  Result := FError.Int('status', UPSCOPE_INTERNAL);
end;

function EUpscopeError.GetOperation: UpscopeText;
begin
  Result := FError.Text('operation');
end;

function EUpscopeError.GetHttpStatus: Integer;
begin
  Result := FError.Int('http_status');
end;

function EUpscopeError.GetApiError: UpscopeText;
begin
  Result := FError.Text('api_error');
end;

function EUpscopeError.GetApiMessage: UpscopeText;
begin
  Result := FError.Text('api_message');
end;

function EUpscopeError.GetRequestId: UpscopeText;
begin
  Result := FError.Text('request_id');
end;

function EUpscopeError.GetAttempts: Integer;
begin
  Result := FError.Int('attempts');
end;

function EUpscopeError.GetRetryable: Boolean;
begin
  Result := FError.Flag('retryable');
end;

function EUpscopeError.GetRetryAfterMs: Int64;
begin
  Result := FError.Int('retry_after_ms', -1);
end;

function EUpscopeError.GetMayHaveApplied: Boolean;
begin
  Result := FError.Flag('may_have_applied');
end;

type
  TErrorClass = class of EUpscopeError;

const
  Classes: array[UPSCOPE_INVALID_ARGUMENT..UPSCOPE_INTERNAL] of TErrorClass = (EUpscopeInvalidArgument,
    EUpscopeUnauthorized, EUpscopePaymentRequired, EUpscopeNotFound, EUpscopeConflict, EUpscopeRateLimited,
    EUpscopeServerError, EUpscopeHttpError, EUpscopeCallTimeout, EUpscopeTransport, EUpscopeBadResponse,
    EUpscopeCallCancelled, EUpscopeInternal);

function ErrorObject(const Code: UpscopeText; Status: Integer; const Message: UpscopeText): IUpscopeJson;
begin
  Result := UpscopeParseJson(UpscopeObject.Add('code', Code).Add('status', Status).Add('message', Message)
    .AddJson('operation', 'null').AddJson('http_status', 'null').AddJson('api_error', 'null')
    .AddJson('api_message', 'null').AddJson('request_id', 'null').Add('attempts', 0)
    .AddFlag('retryable', False).AddJson('retry_after_ms', 'null').AddFlag('may_have_applied', False).ToJson);
end;

procedure RaiseInvalidArgument(const Message: UpscopeText);
begin
  raise EUpscopeInvalidArgument.CreateFrom(ErrorObject('invalid_argument', UPSCOPE_INVALID_ARGUMENT, Message));
end;

procedure RaiseError(Status: Integer; const Text: UpscopeText);
var
  Error: IUpscopeJson;
begin
  Error := nil;
  try
    Error := UpscopeParseJson(Text).Member('error');
  except
    on EUpscopeJson do;
  end;
  if (Error = nil) or not Error.Exists('code') then
    Error := ErrorObject('internal', UPSCOPE_INTERNAL, 'The library gave no error object.');
  { A newer library may have a status that is not known here. }
  if (Status >= Low(Classes)) and (Status <= High(Classes)) then raise Classes[Status].CreateFrom(Error);
  raise EUpscopeError.CreateFrom(Error);
end;

function UpscopeToUtf8(const Text: UpscopeText; const What: string): TBytesOfUpscope;
var
  I, Bad: Integer;
begin
  for I := 1 to Length(Text) do
    if Text[I] = #0 then
      { The library would read up to it and take a part for the whole. }
      RaiseInvalidArgument(UpscopeText(Format('%s holds a NUL character, at position %d.', [What, I])));
  Result := Utf8Of(Text, Bad);
  if Bad <> 0 then
    RaiseInvalidArgument(UpscopeText(Format('%s is no Unicode text: half of a surrogate pair at position %d.',
      [What, Bad])));
end;

{ Reads a text that the library handed out, and gives it back. }
function Taken(Text: PAnsiChar): UpscopeText;
begin
  try
    Result := UpscopeFromUtf8(Text);
  finally
    string_free(Text);
  end;
end;

{ The library }

function BesideProgram: UpscopeText;
{$IFDEF MSWINDOWS}
var
  Buffer: array[0..1023] of WideChar;
  Count: Integer;
begin
  { In a plug-in or a VCL package this is still the program's folder; there, UpscopeLoad takes the file's name. }
  Count := GetModuleFileNameW(0, Buffer, Length(Buffer));
  while (Count > 0) and (Buffer[Count - 1] <> '\') do Dec(Count);
  SetString(Result, PWideChar(@Buffer[0]), Count);
  Result := Result + LibraryName;
end;
{$ELSE}
begin
  Result := UpscopeText(ExtractFilePath(ParamStr(0)) + LibraryName);
end;
{$ENDIF}

function Open(const FileName: UpscopeText; out Why: string): Boolean;
{$IFDEF MSWINDOWS}
var
  Mode: Cardinal;
begin
  { No box of the system's that waits for somebody to press a button. }
  Mode := SetErrorMode(SEM_FAILCRITICALERRORS or SEM_NOOPENFILEERRORBOX);
  try
    LibraryHandle := LoadLibraryW(PWideChar(FileName));
    Result := LibraryHandle <> 0;
    if not Result then
      case GetLastError of
        ERROR_MOD_NOT_FOUND: Why := 'it, or a DLL that it needs, was not found';
        ERROR_BAD_EXE_FORMAT: Why := 'it is no DLL for a ' + Bits + '-bit program';
      else
        Why := SysErrorMessage(GetLastError);
      end;
  finally
    SetErrorMode(Mode);
  end;
end;
{$ELSE}
begin
{$IFDEF FPC}
  LibraryHandle := LoadLibrary(FileName);
  Result := LibraryHandle <> NilHandle;
  if not Result then Why := GetLoadErrorStr;
{$ELSE}
  LibraryHandle := LoadLibrary(PChar(FileName));
  Result := LibraryHandle <> 0;
  if not Result then Why := SysErrorMessage(GetLastError);
{$ENDIF}
end;
{$ENDIF}

function Address(const Name: string; Required: Boolean = True): Pointer;
begin
{$IFDEF MSWINDOWS}
  Result := Windows.GetProcAddress(LibraryHandle, PAnsiChar(AnsiString(Name)));
{$ELSE}
{$IFDEF FPC}
  Result := GetProcedureAddress(LibraryHandle, Name);
{$ELSE}
  Result := GetProcAddress(LibraryHandle, PChar(Name));
{$ENDIF}
{$ENDIF}
  if Required and (Result = nil) then
    raise EUpscopeNotLoaded.CreateFmt('The upscope library that was found has no %s: it is older than this program.',
      [Name]);
end;

procedure UpscopeLoad(const FileName: UpscopeText);
var
  Found: Boolean;
  Why: string;
  Math: TQuietMath;
begin
  if Loaded then Exit;
  LoadGate.Acquire;
  try
    if Loaded then Exit;
    Math := QuietMath;
    try
      if FileName <> '' then Found := Open(FileName, Why)
      else Found := Open(BesideProgram, Why) or Open(LibraryName, Why);
    finally
      EndQuietMath(Math);
    end;
    if not Found then
      if FileName <> '' then
        raise EUpscopeNotLoaded.CreateFmt('The library %s cannot be loaded: %s.', [Shown(FileName), Why])
      else
        raise EUpscopeNotLoaded.CreateFmt('The %s-bit library %s cannot be loaded: %s. Put it beside the program.',
          [Bits, LibraryName, Why]);
    @client_new := Address('upscope_client_new');
    @client_free := Address('upscope_client_free');
    @call := Address('upscope_call');
    @parse_webhook := Address('upscope_parse_webhook');
    @sessions_open := Address('upscope_sessions_open');
    @sessions_next := Address('upscope_sessions_next');
    @sessions_start_next := Address('upscope_sessions_start_next');
    @sessions_prefetch := Address('upscope_sessions_prefetch');
    @sessions_free := Address('upscope_sessions_free');
    @start := Address('upscope_start');
    @pending_wait := Address('upscope_pending_wait');
    @pending_cancel := Address('upscope_pending_cancel');
    @pending_free := Address('upscope_pending_free');
    @set_logger := Address('upscope_set_logger');
    @string_free := Address('upscope_string_free');
    @version := Address('upscope_version');
    @operations := Address('upscope_operations');
    Loaded := True;
  finally
    LoadGate.Release;
  end;
end;

function UpscopeVersion: UpscopeText;
begin
  UpscopeLoad;
  Result := UpscopeFromUtf8(version);
end;

function UpscopeOperations: IUpscopeJson;
begin
  UpscopeLoad;
  Result := UpscopeParseJson(UpscopeFromUtf8(operations));
end;

{ Clients }

type
  TClientHandle = class(TInterfacedObject, IUpscopeHandle)
  private
    FRaw: Pointer;
  public
    constructor Create(const Config: UpscopeText);
    destructor Destroy; override;
    function Raw: Pointer;
  end;

constructor TClientHandle.Create(const Config: UpscopeText);
var
  Json: TBytesOfUpscope;
  Text: PAnsiChar;
  Status: Integer;
  Math: TQuietMath;
begin
  inherited Create;
  UpscopeLoad;
  if Config = '' then Json := UpscopeToUtf8('{}', '')
  else Json := UpscopeToUtf8(Config, 'The configuration');
  Math := QuietMath;
  try
    Status := client_new(PAnsiChar(Json), FRaw, Text);
  finally
    EndQuietMath(Math);
    { It holds the key. }
    FillChar(Json[0], Length(Json), 0);
  end;
  if Status <> UPSCOPE_OK then RaiseError(Status, Taken(Text));
end;

destructor TClientHandle.Destroy;
var
  Math: TQuietMath;
begin
  if FRaw <> nil then
  begin
    Math := QuietMath;
    try
      client_free(FRaw);
    finally
      EndQuietMath(Math);
    end;
  end;
  inherited Destroy;
end;

function TClientHandle.Raw: Pointer;
begin
  Result := FRaw;
end;

{ Not a method: the object may be freed by another thread while the library is at work. }
function Called(const Client: IUpscopeHandle; const Operation, Request: UpscopeText): UpscopeText;
var
  Name, Json: TBytesOfUpscope;
  Text: PAnsiChar;
  Status: Integer;
  Math: TQuietMath;
begin
  Name := UpscopeToUtf8(Operation, 'The operation');
  Json := UpscopeToUtf8(Request, 'The request');
  Math := QuietMath;
  try
    Status := call(Client.Raw, PAnsiChar(Name), PAnsiChar(Json), Text);
  finally
    EndQuietMath(Math);
  end;
  Result := Taken(Text);
  if Status <> UPSCOPE_OK then RaiseError(Status, Result);
end;

function OrEmpty(const Request: UpscopeText): UpscopeText;
begin
  if Request = '' then Result := '{}'
  else Result := Request;
end;

constructor TUpscopeClient.Create(const Config: UpscopeText);
begin
  inherited Create;
  FGate := TUpscopeGate.Create;
  FHandle := TClientHandle.Create(Config);
end;

destructor TUpscopeClient.Destroy;
begin
  if FGate <> nil then
  begin
    FGate.Acquire;
    try
      FHandle := nil;
    finally
      FGate.Release;
    end;
    FGate.Free;
  end;
  inherited Destroy;
end;

function TUpscopeClient.Handle: IUpscopeHandle;
begin
  FGate.Acquire;
  try
    Result := FHandle;
  finally
    FGate.Release;
  end;
end;

function TUpscopeClient.Call(const Operation, Request: UpscopeText): UpscopeText;
begin
  Result := Called(Handle, Operation, OrEmpty(Request));
end;

function TUpscopeClient.Answer(const Operation: UpscopeText; const Request, Options: IUpscopeObject;
  const Member: UpscopeText): IUpscopeJson;
begin
  Request.Give('options', Options);
  Result := UpscopeParseJson(Called(Handle, Operation, Request.ToJson));
  if Member <> '' then Result := Result.Member(Member);
end;

function TUpscopeClient.GetUsage(const Options: IUpscopeObject): IUpscopeJson;
begin
  Result := Answer('get_usage', UpscopeObject, Options, 'usage');
end;

function TUpscopeClient.ListVisitors(const Search: UpscopeText; MaxResults: Integer;
  const Options: IUpscopeObject): IUpscopeJson;
var
  Asked: IUpscopeObject;
begin
  Asked := UpscopeObject.Give('search', Search);
  if MaxResults <> 0 then Asked.Add('max_results', MaxResults);
  Result := Answer('list_visitors', Asked, Options, 'visitors');
end;

function TUpscopeClient.GetVisitor(const VisitorId: UpscopeText; const Options: IUpscopeObject): IUpscopeJson;
begin
  Result := Answer('get_visitor', UpscopeObject.Add('visitor_id', VisitorId), Options, 'visitor');
end;

function Permissions(const Watch: TUpscopeWatch): IUpscopeObject;
const
  Names: array[TUpscopePermission] of UpscopeText = ('allow_agent_redirect', 'allow_audio', 'allow_click',
    'allow_confetti', 'allow_console', 'allow_draw', 'allow_notes', 'allow_request_visitor_screen', 'allow_scroll',
    'allow_show_agent_screen', 'allow_type', 'hide_private_details');
var
  One: TUpscopePermission;
begin
  if Watch.Allow * Watch.Forbid <> [] then
    RaiseInvalidArgument('A permission is in Allow and in Forbid: it can be in one of them.');
  Result := nil;
  if Watch.Allow + Watch.Forbid = [] then Exit;
  Result := UpscopeObject;
  for One := Low(One) to High(One) do
    if One in Watch.Allow + Watch.Forbid then Result.AddFlag(Names[One], One in Watch.Allow);
end;

function OrNil(const Fields: IUpscopeObject): IUpscopeObject;
begin
  if Fields.IsEmpty then Result := nil
  else Result := Fields;
end;

function TUpscopeClient.CreateWatchUrl(const Watch: TUpscopeWatch; const Options: IUpscopeObject): IUpscopeJson;
var
  Branding: IUpscopeObject;
begin
  Branding := UpscopeObject;
  case Watch.Naked of
    unNo: Branding.AddFlag('naked', False);
    unYes: Branding.AddFlag('naked', True);
    unPageOnly: Branding.Add('naked', UpscopeText('page_only'));
  end;
  Branding.Give('on_end_url', Watch.OnEndUrl).Give('retry_url', Watch.RetryUrl);
  Result := Answer('create_watch_url', UpscopeObject.Add('visitor_id', Watch.VisitorId)
    .Add('agent', UpscopeObject.Add('id', Watch.AgentId).Give('name', Watch.AgentName))
    .Give('branding', OrNil(Branding)).Give('initial_notes', Watch.InitialNotes).Give('metadata', Watch.Metadata)
    .Give('permissions', Permissions(Watch)).Give('language', Watch.Language)
    .Give('viewer', OrNil(UpscopeObject.Give('id', Watch.ViewerId).Give('name', Watch.ViewerName)))
    .Give('webhook_url', Watch.WebhookUrl), Options, '');
end;

function TUpscopeClient.StopSession(const VisitorId: UpscopeText; const Options: IUpscopeObject): IUpscopeJson;
begin
  Result := Answer('stop_session', UpscopeObject.Add('visitor_id', VisitorId), Options, '');
end;

function TUpscopeClient.DeleteVisitor(const VisitorId: UpscopeText; const Options: IUpscopeObject): IUpscopeJson;
begin
  Result := Answer('delete_visitor', UpscopeObject.Add('visitor_id', VisitorId), Options, '');
end;

function TUpscopeClient.DeleteAllVisitors(All: Boolean; const Options: IUpscopeObject): IUpscopeJson;
begin
  Result := Answer('delete_all_visitors', UpscopeObject.AddFlag('all', All), Options, '');
end;

function TUpscopeClient.LookupAgent(const Email, ExternalId: UpscopeText;
  const Options: IUpscopeObject): IUpscopeJson;
begin
  Result := Answer('lookup_agent', UpscopeObject.Give('email', Email).Give('external_id', ExternalId), Options, 'agent');
end;

function Asked(const Filter: TUpscopeFilter): IUpscopeObject;
begin
  Result := UpscopeObject.Give('before_id', Filter.BeforeId).Give('after_id', Filter.AfterId);
  if Filter.OngoingOnly then Result.AddFlag('ongoing_only', True);
  Result.Give('updated_after', Filter.UpdatedAfter);
end;

function TUpscopeClient.ListSessions(const Filter: TUpscopeFilter; const Options: IUpscopeObject): IUpscopeJson;
begin
  Result := Answer('list_sessions', Asked(Filter), Options, '');
end;

function TUpscopeClient.AuthorizeOnpremiseSession(const VisitorId, AgentId, AgentName: UpscopeText;
  const Options: IUpscopeObject): IUpscopeJson;
begin
  Result := Answer('authorize_onpremise_session', UpscopeObject.Add('visitor_id', VisitorId)
    .Add('agent', UpscopeObject.Add('id', AgentId).Add('name', AgentName)), Options, '');
end;

function TUpscopeClient.Request(const Method, Path: UpscopeText; const Query: IUpscopeObject; const Body: UpscopeText;
  const Options: IUpscopeObject): IUpscopeJson;
var
  Asked: IUpscopeObject;
begin
  Asked := UpscopeObject.Add('method', Method).Add('path', Path).Give('query', Query);
  if Body <> '' then Asked.AddJson('body', Body);
  Result := Answer('request', Asked, Options, '');
end;

function TUpscopeClient.Start(const Operation, Request: UpscopeText): TUpscopePending;
var
  Client: IUpscopeHandle;
  Name, Json: TBytesOfUpscope;
  Text: PAnsiChar;
  Status: Integer;
  Pending: Pointer;
  Math: TQuietMath;
begin
  Client := Handle;
  Name := UpscopeToUtf8(Operation, 'The operation');
  Json := UpscopeToUtf8(OrEmpty(Request), 'The request');
  Math := QuietMath;
  try
    Status := upscope.start(Client.Raw, PAnsiChar(Name), PAnsiChar(Json), nil, nil, Pending, Text);
  finally
    EndQuietMath(Math);
  end;
  if Status <> UPSCOPE_OK then RaiseError(Status, Taken(Text));
  Result := TUpscopePending.CreateOf(Pending);
end;

function TUpscopeClient.OpenSessions(const Filter: TUpscopeFilter; const Options: IUpscopeObject): TUpscopePages;
begin
  Result := OpenSessions(Asked(Filter).Give('options', Options).ToJson);
end;

function TUpscopeClient.OpenSessions(const Request: UpscopeText): TUpscopePages;
var
  Client: IUpscopeHandle;
  Json: TBytesOfUpscope;
  Text: PAnsiChar;
  Status: Integer;
  Pages: Pointer;
  Math: TQuietMath;
begin
  Client := Handle;
  Json := UpscopeToUtf8(OrEmpty(Request), 'The request');
  Math := QuietMath;
  try
    Status := sessions_open(Client.Raw, PAnsiChar(Json), Pages, Text);
  finally
    EndQuietMath(Math);
  end;
  if Status <> UPSCOPE_OK then RaiseError(Status, Taken(Text));
  Result := TUpscopePages.CreateOf(Pages);
end;

{ Started calls }

constructor TUpscopePending.CreateOf(Handle: Pointer);
begin
  inherited Create;
  FHandle := Handle;
end;

destructor TUpscopePending.Destroy;
var
  Math: TQuietMath;
begin
  if FHandle <> nil then
  begin
    Math := QuietMath;
    try
      pending_free(FHandle);
    finally
      EndQuietMath(Math);
    end;
  end;
  inherited Destroy;
end;

function TUpscopePending.Poll(out Answer: IUpscopeJson): Boolean;
begin
  Result := Wait(0, Answer);
end;

function TUpscopePending.Wait(TimeoutMs: Cardinal; out Answer: IUpscopeJson): Boolean;
var
  Text: PAnsiChar;
  Json: UpscopeText;
  Status: Integer;
  Math: TQuietMath;
begin
  Answer := nil;
  Math := QuietMath;
  try
    Status := pending_wait(FHandle, TimeoutMs, Text);
  finally
    EndQuietMath(Math);
  end;
  Json := Taken(Text);
  Result := Status <> UPSCOPE_PENDING;
  if Status = UPSCOPE_OK then Answer := UpscopeParseJson(Json)
  else if Status = UPSCOPE_DONE then
  begin
    FAtEnd := True;
    Answer := UpscopeParseJson('null').Item(0);
  end
  else if Result then RaiseError(Status, Json);
end;

procedure TUpscopePending.Cancel;
var
  Math: TQuietMath;
begin
  Math := QuietMath;
  try
    pending_cancel(FHandle);
  finally
    EndQuietMath(Math);
  end;
end;

{ Pages }

constructor TUpscopePages.CreateOf(Handle: Pointer);
begin
  inherited Create;
  FHandle := Handle;
end;

destructor TUpscopePages.Destroy;
var
  Math: TQuietMath;
begin
  if FHandle <> nil then
  begin
    Math := QuietMath;
    try
      sessions_free(FHandle);
    finally
      EndQuietMath(Math);
    end;
  end;
  inherited Destroy;
end;

function TUpscopePages.Next(out Page: IUpscopeJson): Boolean;
var
  Text: PAnsiChar;
  Json: UpscopeText;
  Status: Integer;
  Math: TQuietMath;
begin
  Page := nil;
  Math := QuietMath;
  try
    Status := sessions_next(FHandle, Text);
  finally
    EndQuietMath(Math);
  end;
  Json := Taken(Text);
  Result := Status = UPSCOPE_OK;
  if Result then Page := UpscopeParseJson(Json)
  else if Status <> UPSCOPE_DONE then RaiseError(Status, Json);
end;

function TUpscopePages.StartNext: TUpscopePending;
var
  Text: PAnsiChar;
  Status: Integer;
  Pending: Pointer;
  Math: TQuietMath;
begin
  Math := QuietMath;
  try
    Status := sessions_start_next(FHandle, nil, nil, Pending, Text);
  finally
    EndQuietMath(Math);
  end;
  if Status <> UPSCOPE_OK then RaiseError(Status, Taken(Text));
  Result := TUpscopePending.CreateOf(Pending);
end;

procedure TUpscopePages.Prefetch(IsOn: Boolean);
var
  Math: TQuietMath;
begin
  Math := QuietMath;
  try
    sessions_prefetch(FHandle, Ord(IsOn));
  finally
    EndQuietMath(Math);
  end;
end;

{ The rest }

function UpscopeWatch(const VisitorId, AgentId, AgentName: UpscopeText): TUpscopeWatch;
begin
  Result.VisitorId := VisitorId;
  Result.AgentId := AgentId;
  Result.AgentName := AgentName;
  Result.Naked := unDefault;
  Result.OnEndUrl := '';
  Result.RetryUrl := '';
  Result.InitialNotes := '';
  Result.Metadata := nil;
  Result.Allow := [];
  Result.Forbid := [];
  Result.Language := '';
  Result.ViewerId := '';
  Result.ViewerName := '';
  Result.WebhookUrl := '';
end;

function UpscopeAllSessions: TUpscopeFilter;
begin
  Result.BeforeId := '';
  Result.AfterId := '';
  Result.OngoingOnly := False;
  Result.UpdatedAfter := '';
end;

function Webhook(Body: PAnsiChar): IUpscopeJson;
var
  Text: PAnsiChar;
  Json: UpscopeText;
  Status: Integer;
  Math: TQuietMath;
begin
  Math := QuietMath;
  try
    Status := parse_webhook(Body, Text);
  finally
    EndQuietMath(Math);
  end;
  Json := Taken(Text);
  if Status <> UPSCOPE_OK then RaiseError(Status, Json);
  Result := UpscopeParseJson(Json);
end;

function UpscopeParseWebhook(const Body: UpscopeText): IUpscopeJson;
begin
  UpscopeLoad;
  Result := Webhook(PAnsiChar(UpscopeToUtf8(Body, 'The webhook''s body')));
end;

function UpscopeParseWebhookUtf8(Body: PAnsiChar; Length: Integer): IUpscopeJson;
var
  Bytes: TBytesOfUpscope;
  I: Integer;
begin
  UpscopeLoad;
  Bytes := nil;
  SetLength(Bytes, Length + 1);
  if Length > 0 then Move(Body^, Bytes[0], Length);
  Bytes[Length] := 0;
  for I := 0 to Length - 1 do
    if Bytes[I] = 0 then
      RaiseInvalidArgument(UpscopeText(Format('The webhook''s body holds a NUL byte, at position %d.', [I + 1])));
  Result := Webhook(PAnsiChar(Bytes));
end;

procedure Logged(UserData: Pointer; Level: Integer; Line: PAnsiChar); cdecl;
var
  Log: TUpscopeLog;
begin
  try
    Log := Logger;
    if Assigned(Log) then Log(Level, UpscopeFromUtf8(Line));
  except
    { No exception may cross the library. }
  end;
end;

procedure UpscopeSetLogger(Log: TUpscopeLog; MaxLevel: Integer);
var
  Math: TQuietMath;
begin
  UpscopeLoad;
  Math := QuietMath;
  try
    { The library waits until the former one is through; it consists of two words, which no thread may find half set. }
    set_logger(nil, nil, 0);
    Logger := Log;
    if Assigned(Log) then
    begin
      { It may be called by threads that this program did not start. }
      IsMultiThread := True;
      set_logger(Logged, nil, MaxLevel);
    end;
  finally
    EndQuietMath(Math);
  end;
end;

initialization
  LoadGate := TUpscopeGate.Create;

finalization
  { The library stays loaded, but calls no code of a program that ends. }
  if Loaded then set_logger(nil, nil, 0);
  LoadGate.Free;

end.
