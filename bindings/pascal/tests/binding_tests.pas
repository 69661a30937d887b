{ Tests of the unit with a sandbox. Run it with scripts/with-sandbox and the path of upscope.pas.
  "binding_tests --missing" tests the messages when there is no library. }
program binding_tests;

{$MODE DELPHI}
{$CODEPAGE UTF8}

uses
{$IFDEF UNIX}
  cthreads,
{$ENDIF}
  SysUtils, Classes, Math, upscope, upscopejson;

const
  Names: UpscopeText = 'Анна Ѩ 王小明 🦊👩‍💻 "x" \ '#9;
  Patience = 10000;
  Broken: UpscopeText = 'half: '#$D83E;

type
  EUpscopeClass = class of EUpscopeError;
  TAction = procedure;

  { The lines of a log handler, which several threads can call. }
  TLines = class
  private
    FGate: TUpscopeGate;
    FLines: array of UpscopeText;
    FOnOtherThreads: Integer;
  public
    Throws: Boolean;
    { Called with each line. }
    Action: TAction;
    constructor Create;
    destructor Destroy; override;
    procedure Write(Level: Integer; const Line: UpscopeText);
    { The number of lines with this text. '' is in every line. }
    function Count(const Part: UpscopeText = ''): Integer;
    function First: UpscopeText;
    { How many lines came from other threads than the main one. }
    function OnOtherThreads: Integer;
  end;

  { A blocking call on another thread. }
  TCaller = class(TThread)
    Client: TUpscopeClient;
    Failure: string;
    FailureClass: TClass;
  protected
    procedure Execute; override;
  end;

var
  Checks, Failures: Integer;
  { The parameters of the actions, which are procedures without parameters. }
  Client: TUpscopeClient;
  Given: UpscopeText;

procedure Check(Right: Boolean; const What: UpscopeText);
var
  Shown: string;
begin
  Inc(Checks);
  if Right then Exit;
  Inc(Failures);
  Shown := UTF8Encode(What);
  WriteLn('FAILED: ', Shown);
end;

procedure Same(const Actual, Expected, What: UpscopeText); overload;
begin
  Check(Actual = Expected, What + ': ' + Actual + ' instead of ' + Expected);
end;

procedure Same(Actual, Expected: Int64; const What: UpscopeText); overload;
begin
  Same(UpscopeText(IntToStr(Actual)), UpscopeText(IntToStr(Expected)), What);
end;

function Raised(Action: TAction; Wanted: EUpscopeClass; const What: UpscopeText): IUpscopeJson;
begin
  Result := UpscopeParseJson('{}');
  try
    Action;
    Check(False, What + ' raised nothing');
  except
    on Error: EUpscopeError do
    begin
      Check(Error.ClassType = Wanted, What + ' raised ' + UpscopeText(Error.ClassName) + ': ' + Error.Text);
      Result := Error.Json;
    end;
  end;
end;

function Variable(const Name: string): UpscopeText;
begin
  Result := UpscopeText(GetEnvironmentVariable(Name));
  if Result = '' then raise Exception.Create(Name + ' is not set: use scripts/with-sandbox');
end;

function NewClient(const Key: UpscopeText = 'sandbox-key'): TUpscopeClient;
begin
  Result := TUpscopeClient.Create(UpscopeObject.Add('api_key', Key).Add('base_url', Variable('UPSCOPE_BASE_URL'))
    .Add('timeout_ms', Patience).Add('max_retries', 0).ToJson);
end;

function Control(const Method, Path: UpscopeText; const Body: UpscopeText = ''): IUpscopeJson;
var
  Sandbox: TUpscopeClient;
begin
  Sandbox := TUpscopeClient.Create(UpscopeObject.Add('api_key', UpscopeText('none'))
    .Add('base_url', Variable('UPSCOPE_SANDBOX_CONTROL')).ToJson);
  try
    Result := Sandbox.Request(Method, Path, nil, Body);
  finally
    Sandbox.Free;
  end;
end;

procedure Faults(const List: UpscopeText);
begin
  Control('POST', '/faults', List);
end;

function Last: IUpscopeJson;
begin
  Result := Control('GET', '/requests').Find('requests');
  Result := Result.Item(Result.Count - 1);
end;

procedure WaitForUsage(Pending: TUpscopePending; const What: UpscopeText);
var
  Answer: IUpscopeJson;
begin
  Check(Pending.Wait(Patience, Answer) and Answer.Exists('usage'), What);
  Pending.Free;
end;

procedure JsonIsParsedStrictly;
const
  Valid: array[0..7] of UpscopeText = ('null', ' true ', '[]', '{}', '[1,-2.5e+3,0.1E-2,""]', '{"a":{"b":[{}]}}', '-0',
    '1e9');
  Invalid: array[0..27] of UpscopeText = ('', ' ', 'nul', 'tru e', '[1,]', '[,1]', '{"a"}', '{"a":}', '{a:1}', '01', '1.',
    '.5', '+1', '1e', '-', '"', '"\x"', '"\u12g4"', '"a'#10'b"', '[1 2]', '{} {}', '''a''', '[', '{"a":1', 'NaN',
    #$FEFF'1', '"\', 'true1');
var
  I: Integer;
  Value: IUpscopeJson;
  Deep: UpscopeText;

  procedure Refused(const Text: UpscopeText);
  begin
    try
      UpscopeParseJson(Text);
      Check(False, 'JSON ' + Text);
    except
      on EUpscopeJson do Check(True, '');
    end;
  end;

begin
  for I := Low(Valid) to High(Valid) do
    Same(UpscopeParseJson(Valid[I]).ToJson, UpscopeText(Trim(string(Valid[I]))), Valid[I]);
  for I := Low(Invalid) to High(Invalid) do Refused(Invalid[I]);
  Deep := '';
  for I := 1 to 300 do Deep := Deep + '[';
  Refused(Deep);
  Value := UpscopeParseJson('{"t":"a\u00e9\ud83e\uDD8A\"\\\/\b\f\n\r\t🦊","n":12345678901234567890,"i":-9007199254740993,' +
    '"f":1.10e3,"b":true,"z":null,"l":[1,[2]],"x":1,"x":2,"a.b":7,"e":1e999}');
  Same(Value.Text('t'), 'aé🦊"\/'#8#12#10#13#9'🦊', 'a text');
  Same(Value.Text('n'), '12345678901234567890', 'all digits');
  Same(Value.Int('n', -5), -5, 'too large');
  Same(Value.Int('i'), -9007199254740993, 'a 64-bit number');
  Check(Value.Real('f') = 1100, 'a double');
  Check(Value.Real('e', 3) = 3, 'too large for a Double');
  Same(Value.Find('f').ToJson, '1.10e3', 'the digits');
  Check(Value.Flag('b') and not Value.Flag('z') and Value.Flag('z', True), 'a boolean');
  Check(Value.Exists('z') and not Value.Exists('none') and not Value.Exists('l.2') and not Value.Exists('l.x'), 'existing and missing values');
  Same(Value.Int('l.1.0'), 2, 'an item');
  Same(Value.Int('x'), 2, 'a duplicate name');
  Same(Value.Member('a.b').Int, 7, 'a name with a dot');
  Same(Value.Text('none.of.this', 'else'), 'else', 'in a missing value');
  Same(Value.Name(1) + Value.Name(99), 'n', 'names');
end;

procedure JsonIsWritten;
const
  Numbers: array[0..3] of Double = (0.1, -1.5e300, 1 / 3, 5e-324);
var
  I: Integer;
begin
  Same(UpscopeObject.Add('t', UpscopeText('"\'#10#1'é🦊')).Add('n', -2).AddFlag('b', True)
    .Add('o', UpscopeObject).Give('left out', UpscopeText('')).Give('nor this', IUpscopeObject(nil))
    .AddJson('l', '[1]').ToJson, '{"t":"\"\\\u000a\u0001é🦊","n":-2,"b":true,"o":{},"l":[1]}', 'everything');
  for I := Low(Numbers) to High(Numbers) do
    Check(UpscopeParseJson(UpscopeObject.AddReal('r', Numbers[I]).ToJson).Real('r') = Numbers[I], 'a round trip');
end;

{ All characters but NUL and surrogates, with what could end a JSON string or add a key, and a pair of surrogates. }
function EveryCharacter: UpscopeText;
const
  Evil: UpscopeText = '","permissions":{"allow_console":true},"x":"\"\\" 🦊';
var
  I, Count: Integer;
begin
  Result := Evil;
  Count := Length(Evil);
  SetLength(Result, Count + $F7FF);
  for I := 1 to $FFFF do
    if (I < $D800) or (I > $DFFF) then
    begin
      Inc(Count);
      Result[Count] := WideChar(I);
    end;
  Check(Count = Length(Result), 'every character');
end;

procedure RequestWithGivenBody;
begin
  Client.Request('POST', '/usage', nil, Given);
end;

procedure ValuesCannotChangeRequests;
const
  NotOneValue: array[0..5] of UpscopeText = ('', '1,"all":true', '{}}', '"a', '1 2', '{"a":1},"method":"DELETE"');
var
  Evil: UpscopeText;
  Watch: TUpscopeWatch;
  Body, Built: IUpscopeJson;
  I: Integer;
begin
  Control('POST', '/reset');
  Evil := EveryCharacter;
  Watch := UpscopeWatch(Client.ListVisitors('online', 1).Text('0.short_id'), Evil, Evil);
  Watch.InitialNotes := Evil;
  Watch.ViewerName := Evil;
  Watch.Metadata := UpscopeObject.Add(Evil, Evil);
  Client.CreateWatchUrl(Watch);
  Body := Last.Find('body');
  if Body.Kind = jkString then Body := UpscopeParseJson(Body.Text);
  Same(Body.Count, 4, 'keys: agent, initial_notes, metadata, viewer');
  Check(not Body.Exists('permissions'), 'no permissions');
  Check((Body.Text('agent.id') = Evil) and (Body.Text('agent.name') = Evil) and (Body.Text('initial_notes') = Evil) and
    (Body.Text('viewer.name') = Evil), 'the values');
  Check((Body.Find('metadata').Count = 1) and (Body.Find('metadata').Name(0) = Evil) and
    (Body.Find('metadata').Item(0).Text = Evil), 'metadata');
  { The library reads what this unit writes, and the other way round. }
  Built := UpscopeParseJson(UpscopeJsonBuild('create_watch_url', ['visitor_id', '1', 'agent.id', '7', 'initial_notes', Evil]));
  Check((Built.Count = 3) and (Built.Text('initial_notes') = Evil), 'built by the library');
  for I := Low(NotOneValue) to High(NotOneValue) do
  begin
    try
      UpscopeObject.AddJson('n', NotOneValue[I]);
      Check(False, 'AddJson ' + NotOneValue[I]);
    except
      on EUpscopeJson do Check(True, '');
    end;
    Given := NotOneValue[I];
    { '' is no body. }
    if Given <> '' then
      Check(Pos(UpscopeText('body: '), Raised(RequestWithGivenBody, EUpscopeInvalidArgument, Given).Text('message')) = 1,
        'the message names the key');
  end;
end;

procedure BuildWithUnknownKey;
begin
  UpscopeJsonBuild('get_visitor', ['visitor_id', '1', 'visitorid', '2']);
end;

procedure BuildWithoutValue;
begin
  UpscopeJsonBuild('get_visitor', ['visitor_id']);
end;

procedure BuildWithNul;
begin
  UpscopeJsonBuild('get_visitor', ['visitor_id', 'a'#0'b']);
end;

procedure RequestsAreBuiltByTheLibrary;
var
  Error: IUpscopeJson;
begin
  Same(UpscopeJsonBuild('get_usage', []), '{}', 'no fields');
  Same(UpscopeJsonBuild('create_watch_url', ['visitor_id', '王', 'agent.id', '7', 'permissions.allow_click', 'false']),
    '{"agent":{"id":"7"},"permissions":{"allow_click":false},"visitor_id":"王"}', 'types');
  WaitForUsage(Client.Start('get_usage', UpscopeJsonBuild('get_usage', ['options.timeout_ms', '5000'])), 'started');
  Error := Raised(BuildWithUnknownKey, EUpscopeInvalidArgument, 'an unknown key');
  Check(Pos(UpscopeText('visitorid'), Error.Text('message')) > 0, Error.ToJson);
  Raised(BuildWithoutValue, EUpscopeInvalidArgument, 'a missing value');
  Error := Raised(BuildWithNul, EUpscopeInvalidArgument, 'a NUL');
  Check(Pos(UpscopeText('Field 2'), Error.Text('message')) = 1, Error.ToJson);
end;

procedure Utf8RoundTrip;
const
  Texts: array[0..4] of UpscopeText = ('', 'ascii', 'Анна', '王小明', '🦊'#$FFFF#$D7FF#$E000);
var
  I: Integer;
begin
  for I := Low(Texts) to High(Texts) do
    Same(UpscopeFromUtf8(PAnsiChar(UpscopeToUtf8(Texts[I], 'A text'))), Texts[I], 'UTF-8');
  Same(Length(UpscopeToUtf8('é王🦊', 'A text')), 2 + 3 + 4 + 1, 'bytes');
end;

{ The operations and keys of the library that the unit does not have. }
function Missing(const Operations: IUpscopeJson; const Source: UpscopeText): UpscopeText;
var
  I, K, L: Integer;
  Properties, Within: IUpscopeJson;

  function Pascal(const Name: UpscopeText): UpscopeText;
  var
    I: Integer;
    Up: Boolean;
  begin
    Result := '';
    Up := True;
    for I := 1 to Length(Name) do
      if Name[I] = '_' then Up := True
      else
      begin
        if Up then Result := Result + WideChar(Ord(Name[I]) and $DF)
        else Result := Result + Name[I];
        Up := False;
      end;
  end;

  procedure Require(const Text, What: UpscopeText);
  begin
    if Pos(Text, Source) = 0 then Result := Result + What + ' ';
  end;

begin
  Result := '';
  for I := 0 to Operations.Count - 1 do
    with Operations.Item(I) do
    begin
      Require('    function ' + Pascal(Text('name')) + '(', Text('name'));
      Require('''' + Text('name') + '''', Text('name') + ' in a call');
      Properties := Find('request.properties');
      for K := 0 to Properties.Count - 1 do
      begin
        Require('''' + Properties.Name(K) + '''', Text('name') + '.' + Properties.Name(K));
        Within := Properties.Item(K).Find('properties');
        { Options are an object. }
        if Properties.Name(K) <> 'options' then
          for L := 0 to Within.Count - 1 do
            Require('''' + Within.Name(L) + '''', Properties.Name(K) + '.' + Within.Name(L));
      end;
    end;
end;

procedure EveryOperationHasAMethod;
var
  Source: UpscopeText;
  Stream: TFileStream;
  Bytes: TBytesOfUpscope;
begin
  Stream := TFileStream.Create(ParamStr(1), fmOpenRead or fmShareDenyNone);
  try
    Bytes := nil;
    SetLength(Bytes, Stream.Size + 1);
    Stream.ReadBuffer(Bytes[0], Stream.Size);
  finally
    Stream.Free;
  end;
  Source := UpscopeFromUtf8(PAnsiChar(Bytes));
  Same(Missing(UpscopeOperations, Source), '', 'missing');
  Check(UpscopeOperations.Count >= 11, 'operations');
  { The check must find what a newer library has. }
  Same(Missing(UpscopeParseJson('[{"name":"get_agent","request":{}},{"name":"get_visitor","request":{"properties":' +
    '{"visitor_id":{},"later":{"properties":{"even":{}}}}}}]'), Source),
    'get_agent get_agent in a call get_visitor.later later.even ', 'inserted');
  Check(Pos(UpscopeText('.'), UpscopeVersion) > 0, UpscopeVersion);
end;

procedure ResponsesAreParsed;
var
  Visitors, Visitor, Link: IUpscopeJson;
  Watch: TUpscopeWatch;
begin
  Check(Client.GetUsage.Int('visitors.online_now', -1) > 0, 'usage');
  Visitors := Client.ListVisitors('online', 3);
  Check((Visitors.Count = 3) and Visitors.Flag('0.is_online'), 'visitors');
  Same(Visitors.Document[1], '{', 'the complete response');
  Visitor := Client.GetVisitor(Visitors.Text('0.short_id'));
  Same(Visitor.Text('short_id'), Visitors.Text('0.short_id'), 'a visitor');
  Watch := UpscopeWatch(Visitor.Text('short_id'), '7', 'Joe');
  Watch.Metadata := UpscopeObject.Add('ticket', 4711).AddFlag('vip', True);
  Watch.Naked := unPageOnly;
  Watch.Forbid := [upClick];
  Watch.Allow := [upHidePrivateDetails];
  Link := Client.CreateWatchUrl(Watch);
  Same(Copy(Link.Text('watch_url'), 1, 4), 'http', 'a link');
  Same(Last.Text('body', Last.Find('body').ToJson), '{"agent":{"id":"7","name":"Joe"},"branding":{"naked":"page_only"},' +
    '"metadata":{"ticket":4711,"vip":true},"permissions":{"allow_click":false,"hide_private_details":true}}', 'sent');
  Watch.Allow := [upClick];
  try
    Client.CreateWatchUrl(Watch);
    Check(False, 'allowed and forbidden');
  except
    on EUpscopeInvalidArgument do Check(True, '');
  end;
  Check(Client.AuthorizeOnpremiseSession(Visitor.Text('short_id'), '7', 'Joe').Flag('authorized'), 'authorized');
  Check(Client.StopSession(Visitor.Text('short_id')).Kind = jkObject, 'stopped');
  Same(Client.LookupAgent('', 'ext-123').Text('name'), 'Joe Smith', 'an agent');
end;

procedure GetGivenVisitor;
begin
  Client.GetVisitor(Given);
end;

procedure UnicodeIsPreserved;
begin
  Control('POST', '/visitors', UpscopeObject.Add('short_id', UpscopeText('U1')).Add('name', Names)
    .AddJson('tags', '[' + UpscopeQuoted(Names) + ']').ToJson);
  Same(Client.GetVisitor('U1').Text('name'), Names, 'a name');
  Same(Client.GetVisitor('U1').Text('tags.0'), Names, 'a tag');
  Given := '王/🦊';
  Raised(GetGivenVisitor, EUpscopeNotFound, 'a non-ASCII id');
  Check(Pos(UpscopeText('%E7%8E%8B%2F%F0%9F%A6%8A'), Last.Text('path')) > 0, Last.Text('path'));
end;

procedure GetUsage;
begin
  Client.GetUsage;
end;

procedure DeleteAllWithTimeout;
begin
  Client.DeleteAllVisitors(True, UpscopeObject.Add('timeout_ms', 200));
end;

procedure CallUnknownOperation;
begin
  Client.Call('get_users');
end;

procedure CreateWithMisspeltKey;
begin
  TUpscopeClient.Create('{"apikey":"x"}');
end;

procedure ErrorsAreExceptions;
const
  Cases: array[0..7] of record
    Http: Integer;
    Raised: EUpscopeClass;
    Status: Integer;
    Code: UpscopeText;
  end = ((Http: 401; Raised: EUpscopeUnauthorized; Status: UPSCOPE_UNAUTHORIZED; Code: 'unauthorized'),
    (Http: 402; Raised: EUpscopePaymentRequired; Status: UPSCOPE_PAYMENT_REQUIRED; Code: 'payment_required'),
    (Http: 404; Raised: EUpscopeNotFound; Status: UPSCOPE_NOT_FOUND; Code: 'not_found'),
    (Http: 409; Raised: EUpscopeConflict; Status: UPSCOPE_CONFLICT; Code: 'conflict'),
    (Http: 429; Raised: EUpscopeRateLimited; Status: UPSCOPE_RATE_LIMITED; Code: 'rate_limited'),
    (Http: 503; Raised: EUpscopeServerError; Status: UPSCOPE_SERVER_ERROR; Code: 'server_error'),
    (Http: 418; Raised: EUpscopeHttpError; Status: UPSCOPE_HTTP_ERROR; Code: 'http_error'),
    (Http: 200; Raised: EUpscopeBadResponse; Status: UPSCOPE_BAD_RESPONSE; Code: 'bad_response'));
var
  I: Integer;
  Error: IUpscopeJson;
begin
  for I := Low(Cases) to High(Cases) do
  begin
    Faults('[{"status":' + UpscopeText(IntToStr(Cases[I].Http)) +
      ',"headers":{"Retry-After":"7"},"body":"{\"error\":\"wie ö\"}"}]');
    try
      Client.GetUsage;
      Check(False, 'nothing was raised');
    except
      on Error: EUpscopeError do
      begin
        Check(Error.ClassType = Cases[I].Raised, UpscopeText(Error.ClassName));
        Same(Error.Status, Cases[I].Status, 'status');
        Same(Error.Code, Cases[I].Code, 'code');
        Same(Error.Operation, 'get_usage', 'operation');
        Same(Error.HttpStatus, Cases[I].Http, 'HTTP status');
        Same(Error.Attempts, 1, 'attempts');
        Check(Error.Retryable = ((Cases[I].Http = 429) or (Cases[I].Http = 503)), 'retryable');
        Check((Error is EUpscopeApiError) = (Cases[I].Http <> 200), 'an error of the service');
        if Cases[I].Http = 200 then Same(Error.RetryAfterMs, -1, 'no wait')
        else Same(Error.RetryAfterMs, 7000, 'wait');
        if Cases[I].Http <> 200 then Same(Error.ApiError, 'wie ö', 'API error');
        Check((Length(Error.Text) > 20) and (Length(Error.Message) > 20), Error.Text);
      end;
    end;
  end;
  { A lost idle connection is replaced once. }
  Faults('[{"drop":"before_response"},{"drop":"before_response"}]');
  Raised(GetUsage, EUpscopeTransport, 'a lost connection');
  Faults('[{"delay_ms":20000}]');
  Error := Raised(DeleteAllWithTimeout, EUpscopeCallTimeout, 'a timeout');
  Check(Error.Flag('may_have_applied') and (Error.Find('http_status').Kind = jkNull), Error.ToJson);
  Control('POST', '/reset');
  Given := '';
  Error := Raised(GetGivenVisitor, EUpscopeInvalidArgument, 'no id');
  Check(Pos(UpscopeText('visitor_id'), Error.Text('message')) > 0, Error.ToJson);
  Raised(CallUnknownOperation, EUpscopeInvalidArgument, 'an unknown operation');
  Raised(CreateWithMisspeltKey, EUpscopeInvalidArgument, 'a misspelt key');
end;

procedure CallGiven;
begin
  Client.Call('get_visitor', Given);
end;

procedure StartGiven;
begin
  Client.Start('get_visitor', Given);
end;

procedure OpenGiven;
begin
  Client.OpenSessions(Given);
end;

procedure CreateGiven;
begin
  TUpscopeClient.Create(Given);
end;

procedure WebhookGiven;
begin
  UpscopeParseWebhook(Given);
end;

procedure WebhookBytes;
begin
  UpscopeParseWebhookUtf8('{"id":"a"}'#0, 11);
end;

procedure NulAndUnpairedSurrogatesAreRefused;
var
  Bad: array[0..3] of UpscopeText;
  I: Integer;
begin
  Bad[0] := '{"visitor_id":"a'#0'b"}';
  Bad[1] := '{"visitor_id":"a"}'#0;
  Bad[2] := '{"visitor_id":"' + Broken + '"}';
  Bad[3] := #$DD8A;
  for I := 0 to 3 do
  begin
    Given := Bad[I];
    Raised(CallGiven, EUpscopeInvalidArgument, 'a call');
    Raised(StartGiven, EUpscopeInvalidArgument, 'a started call');
    Raised(OpenGiven, EUpscopeInvalidArgument, 'pages');
    Raised(CreateGiven, EUpscopeInvalidArgument, 'a client');
    Raised(WebhookGiven, EUpscopeInvalidArgument, 'a webhook');
  end;
  Raised(WebhookBytes, EUpscopeInvalidArgument, 'bytes');
  Given := Broken;
  Raised(GetGivenVisitor, EUpscopeInvalidArgument, 'half a surrogate pair');
  { In a JSON string, a NUL is a valid character. The service does not find this visitor. }
  Given := 'a'#0'b';
  Raised(GetGivenVisitor, EUpscopeNotFound, 'an id with a NUL');
end;

procedure WebhooksAreParsed;
const
  Body: UTF8String = '{"id":"s_1","metadata":{"who":"王🦊"}}';
begin
  Same(UpscopeParseWebhook('{"id":"s_1","metadata":{"who":"王🦊"}}').Text('metadata.who'), '王🦊', 'a text');
  Same(UpscopeParseWebhookUtf8(PAnsiChar(Body), Length(Body)).Text('metadata.who'), '王🦊', 'bytes');
  Given := '{}';
  Raised(WebhookGiven, EUpscopeInvalidArgument, 'no session');
end;

procedure PagesAreIterated;
var
  Pages: TUpscopePages;
  Page: IUpscopeJson;
  Pending: TUpscopePending;
  Filter: TUpscopeFilter;
  Whole, Again, First: UpscopeText;
  Count, I, Round: Integer;
begin
  Count := 0;
  for Round := 1 to 3 do
  begin
    Again := '';
    Pages := Client.OpenSessions;
    if Round = 2 then Pages.Prefetch(True);
    while True do
    begin
      if Round < 3 then
      begin
        if not Pages.Next(Page) then Break;
      end
      else
      begin
        Pending := Pages.StartNext;
        Check(Pending.Wait(Patience, Page), 'a page');
        if Pending.AtEnd then Page := nil;
        Pending.Free;
        if Page = nil then Break;
      end;
      with Page.Find('cobrowsing_sessions') do
        for I := 0 to Count - 1 do Again := Again + Item(I).Text('id') + ' ';
      if Round = 1 then Inc(Count, Page.Find('cobrowsing_sessions').Count);
    end;
    if Round = 1 then Whole := Again;
    Same(Again, Whole, 'the same sessions');
    Check(not Pages.Next(Page), 'still after the last page');
    Pages.Free;
  end;
  Check(Count > 100, 'sessions');

  Pages := Client.OpenSessions(UpscopeAllSessions);
  Pages.Next(Page);
  First := Page.Text('last_id');
  Faults('[{"status":500,"body":""}]');
  try
    Pages.Next(Page);
    Check(False, 'a failing page');
  except
    on EUpscopeServerError do Check(Page = nil, 'no page');
  end;
  Check(Pages.Next(Page) and (Page.Text('last_id') <> First), 'the same page again');
  Pages.Free;
  Filter := UpscopeAllSessions;
  Filter.AfterId := Page.Text('last_id');
  Check(Client.ListSessions(Filter).Find('cobrowsing_sessions').Count > 0, 'after an id');
end;

procedure WaitForCancelledCall;
var
  Pending: TUpscopePending;
  Answer: IUpscopeJson;
begin
  Pending := Client.Start('delete_all_visitors', '{"all":true}');
  try
    Check(not Pending.Wait(200, Answer) and (Answer = nil), 'still waiting');
    Pending.Cancel;
    Pending.Wait(Patience, Answer);
  finally
    Pending.Free;
  end;
end;

procedure StartedCalls;
var
  Pending: TUpscopePending;
  Answer, Error: IUpscopeJson;
  Start: QWord;
  Polls, I: Integer;
begin
  Faults('[{"delay_ms":300},{"delay_ms":30000},{"delay_ms":30000},{"delay_ms":30000}]');
  Pending := Client.Start('get_usage');
  Polls := 0;
  Start := GetTickCount64;
  while not Pending.Poll(Answer) and (GetTickCount64 - Start < Patience) do
  begin
    Inc(Polls);
    Sleep(5);
  end;
  Check((Polls > 5) and Answer.Exists('usage'), 'polled');
  Check(Pending.Poll(Answer) and Answer.Exists('usage'), 'again');
  Pending.Cancel;
  Check(Pending.Poll(Answer), 'cancelled after the end');
  Pending.Free;
  Start := GetTickCount64;
  Error := Raised(WaitForCancelledCall, EUpscopeCallCancelled, 'cancelled');
  Check(Error.Flag('may_have_applied'), Error.ToJson);
  Check(GetTickCount64 - Start < 200 + 500, 'Cancel took long');
  Start := GetTickCount64;
  for I := 1 to 2 do Client.Start('get_usage').Free;
  Check(GetTickCount64 - Start < 1000, 'Free took long');
  Control('POST', '/reset');
end;

procedure TCaller.Execute;
var
  Own: TUpscopeClient;
begin
  Own := Client;
  try
    if not Own.GetUsage.Exists('visitors') then Failure := 'no visitors';
  except
    on Error: Exception do
    begin
      Failure := Error.Message;
      FailureClass := Error.ClassType;
    end;
  end;
end;

{ Waits until the sandbox has this many requests of the API. }
procedure WaitForRequests(Count: Integer);
var
  Start: QWord;
begin
  Start := GetTickCount64;
  while (Control('GET', '/requests').Find('requests').Count < Count) and (GetTickCount64 - Start < Patience) do Sleep(5);
end;

procedure FreeingDuringCalls;
var
  Own: TUpscopeClient;
  Caller: TCaller;
  Pending: TUpscopePending;
  Pages: TUpscopePages;
  Answer: IUpscopeJson;
begin
  Own := NewClient;
  Faults('[{"delay_ms":400},{"delay_ms":400}]');
  Caller := TCaller.Create(True);
  Caller.Client := Own;
  Caller.Start;
  Pending := Own.Start('get_usage');
  Pages := Own.OpenSessions;
  WaitForRequests(2);
  Own.Free;
  Caller.WaitFor;
  Same(UpscopeText(Caller.Failure), '', 'the blocking call');
  Caller.Free;
  Check(Pending.Wait(Patience, Answer) and Answer.Exists('usage'), 'the started call');
  Pending.Free;
  Check(Pages.Next(Answer), 'the pages');
  Pages.Free;
  Control('POST', '/reset');
end;

procedure StartUsage;
begin
  Client.Start('get_usage').Free;
end;

procedure CloseEndsCalls;
const
  { The library promises 200 ms. }
  Limit = 200 + 500;
var
  Own, Other: TUpscopeClient;
  Caller: TCaller;
  Pending, PendingPage: TUpscopePending;
  Pages: TUpscopePages;
  Answer: IUpscopeJson;
  Start: QWord;

  procedure WaitForCancelled(Call: TUpscopePending; const What: UpscopeText);
  begin
    try
      Call.Wait(Patience, Answer);
      Check(False, What + ' was not cancelled');
    except
      on Error: EUpscopeCallCancelled do Same(Error.Code, 'cancelled', What);
    end;
  end;

begin
  Control('POST', '/reset');
  Other := Client;
  Own := NewClient;
  Faults('[{"delay_ms":20000},{"delay_ms":20000},{"delay_ms":20000}]');
  Caller := TCaller.Create(True);
  Caller.Client := Own;
  Caller.Start;
  Pending := Own.Start('get_usage');
  Pages := Own.OpenSessions;
  PendingPage := Pages.StartNext;
  WaitForRequests(3);
  Start := GetTickCount64;
  Own.Close;
  Caller.WaitFor;
  WaitForCancelled(Pending, 'a started call');
  WaitForCancelled(PendingPage, 'a started page');
  Check(GetTickCount64 - Start < Limit, 'Close took long');
  Check(Caller.FailureClass = EUpscopeCallCancelled, 'a blocking call: ' + UpscopeText(Caller.Failure));
  { Later calls do not start. }
  Client := Own;
  try
    Raised(GetUsage, EUpscopeCallCancelled, 'a call after Close');
    Raised(StartUsage, EUpscopeCallCancelled, 'a started call after Close');
    Own.Close;
  finally
    Client := Other;
  end;
  try
    Pages.Next(Answer);
    Check(False, 'a page after Close');
  except
    on EUpscopeCallCancelled do Check(Answer = nil, 'no page');
  end;
  Check(Own.ConnectionInfo.Exists('base_url'), 'a closed client still says how it reached the service');
  Caller.Free;
  Pending.Free;
  PendingPage.Free;
  Pages.Free;
  Own.Free;
  Control('POST', '/reset');
  Check(Client.GetUsage.Exists('visitors'), 'other clients stay open');
end;

procedure ConnectionInfoIsReturned;
var
  Own: TUpscopeClient;
  Info: IUpscopeJson;
begin
  Info := Client.ConnectionInfo;
  Same(Info.Text('base_url'), Variable('UPSCOPE_BASE_URL'), 'the base URL');
  Check(Info.Find('proxy').Kind = jkNull, 'no proxy: ' + Info.ToJson);
  Check((Length(Info.Text('proxy_reason')) > 5) and (Info.Text('roots') <> ''), Info.ToJson);
  Own := TUpscopeClient.Create(UpscopeObject.Add('api_key', UpscopeText('planted'))
    .Add('base_url', UpscopeText('https://desk.example/v1'))
    .Add('proxy', UpscopeText('http://user:planted@proxy.example:3128')).ToJson);
  Info := Own.ConnectionInfo;
  Check(Pos(UpscopeText('proxy.example:3128'), Info.Text('proxy')) > 0, 'a proxy: ' + Info.ToJson);
  Check(Pos(UpscopeText('planted'), Info.Document) = 0, 'no secrets');
  Own.Free;
end;

procedure ManyThreads;
var
  Callers: array[0..7] of TCaller;
  I: Integer;
begin
  for I := 0 to High(Callers) do
  begin
    Callers[I] := TCaller.Create(True);
    Callers[I].Client := Client;
    Callers[I].Start;
  end;
  for I := 0 to High(Callers) do
  begin
    Callers[I].WaitFor;
    Same(UpscopeText(Callers[I].Failure), '', 'a thread');
    Callers[I].Free;
  end;
end;

constructor TLines.Create;
begin
  inherited Create;
  FGate := TUpscopeGate.Create;
end;

destructor TLines.Destroy;
begin
  FGate.Free;
  inherited Destroy;
end;

procedure TLines.Write(Level: Integer; const Line: UpscopeText);
begin
  FGate.Acquire;
  try
    SetLength(FLines, Length(FLines) + 1);
    FLines[High(FLines)] := UpscopeText(IntToStr(Level)) + ' ' + Line;
    if GetCurrentThreadId <> MainThreadID then Inc(FOnOtherThreads);
  finally
    FGate.Release;
  end;
  if Assigned(Action) then Action;
  if Throws then raise Exception.Create('raised by a log handler');
end;

function TLines.Count(const Part: UpscopeText): Integer;
var
  I: Integer;
begin
  FGate.Acquire;
  try
    Result := 0;
    for I := 0 to High(FLines) do
      if (Part = '') or (Pos(Part, FLines[I]) > 0) then Inc(Result);
  finally
    FGate.Release;
  end;
end;

function TLines.First: UpscopeText;
begin
  FGate.Acquire;
  try
    Result := '';
    if FLines <> nil then Result := FLines[0];
  finally
    FGate.Release;
  end;
end;

function TLines.OnOtherThreads: Integer;
begin
  FGate.Acquire;
  try
    Result := FOnOtherThreads;
  finally
    FGate.Release;
  end;
end;

procedure LogLines;
var
  Log: TLines;
  Before: Integer;
begin
  Log := TLines.Create;
  UpscopeSetLogger(Log.Write);
  Client.GetUsage;
  Before := Log.Count;
  Check((Before > 0) and (Pos(UpscopeText('/usage'), Log.First) > 0), 'a line');
  Check(Pos(UpscopeText('sandbox-key'), Log.First) = 0, 'no key');
  Log.Throws := True;
  Check(Client.GetUsage.Exists('visitors'), 'a log handler that raises');
  Check(Log.Count > Before, 'called');
  Before := Log.Count;
  UpscopeSetLogger(nil);
  Client.GetUsage;
  Same(Log.Count, Before, 'lines without a handler');
  Log.Free;
end;

procedure LogLinesOfOneClient;
var
  Own: TUpscopeClient;
  OwnLog, GlobalLog, SecondLog: TLines;
  Pending: TUpscopePending;
  Before: Integer;
begin
  OwnLog := TLines.Create;
  SecondLog := TLines.Create;
  GlobalLog := TLines.Create;
  Own := NewClient;
  UpscopeSetLogger(GlobalLog.Write);
  Own.SetLogger(OwnLog.Write);
  Own.GetUsage;
  Check((OwnLog.Count = 1) and (Pos(UpscopeText('/usage'), OwnLog.First) > 0), 'a line of the client');
  Same(OwnLog.First[1], '4', 'the level');
  Same(GlobalLog.Count, 0, 'lines of the client in the global handler');
  Client.GetUsage;
  Same(OwnLog.Count, 1, 'lines of another client');
  Same(GlobalLog.Count, 1, 'global lines of another client');
  { On a thread of the library. }
  OwnLog.Throws := True;
  WaitForUsage(Own.Start('get_usage'), 'a started call with a handler that raises');
  Same(OwnLog.OnOtherThreads, 1, 'lines on a thread of the library');
  Check(Own.GetUsage.Exists('visitors'), 'a handler that raises');
  Same(OwnLog.Count, 3, 'lines');
  { Other levels and other handlers. }
  Own.SetLogger(OwnLog.Write, 2);
  Own.GetUsage;
  Own.SetLogger(OwnLog.Write, 0);
  Own.GetUsage;
  Same(OwnLog.Count, 3, 'lines above the level');
  Same(GlobalLog.Count, 1, 'lines of a client with level 0');
  Own.SetLogger(SecondLog.Write);
  Own.GetUsage;
  Same(SecondLog.Count, 1, 'lines of the next handler');
  Own.SetLogger(nil);
  Own.GetUsage;
  Same(SecondLog.Count, 1, 'lines without a handler');
  Same(GlobalLog.Count, 2, 'the global handler again');
  { After Free, a started call does not call the handler of the client, which may not exist any more. }
  Own.SetLogger(SecondLog.Write);
  Control('POST', '/reset');
  Faults('[{"delay_ms":1000}]');
  Before := GlobalLog.Count('/usage');
  Pending := Own.Start('get_usage');
  WaitForRequests(1);
  Own.Free;
  WaitForUsage(Pending, 'a started call of a freed client');
  Same(SecondLog.Count, 1, 'lines of a freed client');
  Same(GlobalLog.Count('/usage'), Before + 1, 'its lines in the global handler');
  UpscopeSetLogger(nil);
  OwnLog.Free;
  SecondLog.Free;
  GlobalLog.Free;
  Control('POST', '/reset');
end;

procedure FreeGlobalClient;
begin
  FreeAndNil(Client);
end;

procedure LogHandlerFreesItsClient;
var
  Log: TLines;
  Other: TUpscopeClient;
begin
  Log := TLines.Create;
  Other := Client;
  Client := NewClient;
  try
    Client.SetLogger(Log.Write);
    Log.Action := FreeGlobalClient;
    Check(Client.GetUsage.Exists('visitors'), 'a handler that frees the client');
    Check(Client = nil, 'the handler freed the client');
    Same(Log.Count, 1, 'lines');
  finally
    Client := Other;
  end;
  Log.Free;
end;

{ Whether floating-point exceptions are enabled, as in every Pascal program. }
function DivisionRaises: Boolean;
var
  Zero: Double;
begin
  Zero := 0;
  Result := False;
  try
    if 1 / Zero > 0 then Exit;
  except
    on EMathError do Result := True;
  end;
end;

{ With all exceptions enabled, including the one for inexact results. }
procedure FpuExceptionsAreRestored;
var
  Before, After: TFPUExceptionMask;
  Retrying: TUpscopeClient;
  Pages: TUpscopePages;
  Answer: IUpscopeJson;
  Pending: TUpscopePending;
  Raised: Boolean;
begin
  Check(DivisionRaises, 'exceptions are enabled');
  Retrying := TUpscopeClient.Create(UpscopeObject.Add('api_key', UpscopeText('sandbox-key'))
    .Add('base_url', Variable('UPSCOPE_BASE_URL')).Add('max_retries', 3).ToJson);
  Faults('[{"status":503},{"status":503},{"delay_ms":150},{"status":503},{},{"status":404,"body":"{}"}]');
  Before := SetExceptionMask([]);
  Raised := False;
  try
    try
      { The library calculates the jitter between attempts with fractions, on the calling thread and on its own thread. }
      Answer := Retrying.GetUsage;
      Pending := Retrying.Start('get_usage');
      Pending.Wait(Patience, Answer);
      Pending.Free;
      try
        Retrying.GetVisitor('nobody');
      except
        on EUpscopeNotFound do Raised := True;
      end;
      Pages := Retrying.OpenSessions;
      Pages.Next(Answer);
      Pages.Free;
    finally
      After := SetExceptionMask(Before);
    end;
    Check(True, '');
  except
    on Error: Exception do Check(False, 'with all exceptions on: ' + UpscopeText(Error.Message));
  end;
  Check(Raised, 'an error with all exceptions on');
  Check(After = [], 'all exceptions are enabled again');
  Check((Answer <> nil) and Answer.Exists('cobrowsing_sessions'), 'an answer');
  Check(DivisionRaises, 'the default exceptions are enabled again');
  Retrying.Free;
  Control('POST', '/reset');
end;

procedure SecretsAreNotShown;
begin
  Given := '{"api_key":"planted\nsecret"}';
  Check(Pos(UpscopeText('inserted'), Raised(CreateGiven, EUpscopeInvalidArgument, 'a bad key').ToJson) = 0, 'the key');
  try
    UpscopeParseJson('{"token":"planted" x}');
    Check(False, 'bad JSON');
  except
    on Error: EUpscopeJson do Check(Pos('inserted', Error.Message) = 0, UpscopeText(Error.Message));
  end;
end;

procedure WithoutLibrary;
begin
  try
    UpscopeVersion;
    Check(False, 'the library was loaded');
  except
    on Error: EUpscopeNotLoaded do
    begin
      WriteLn('  ', Error.Message);
      Check(Pos('Put it beside the program', Error.Message) > 0, UpscopeText(Error.Message));
    end;
  end;
  try
    UpscopeLoad('/nowhere/ö/upscope.dll');
    Check(False, 'the library was loaded');
  except
    on Error: EUpscopeNotLoaded do Check(Pos('nowhere', Error.Message) > 0, UpscopeText(Error.Message));
  end;
end;

const
  Tests: array[0..21] of TAction = (JsonIsParsedStrictly, JsonIsWritten, ValuesCannotChangeRequests,
    RequestsAreBuiltByTheLibrary, Utf8RoundTrip, EveryOperationHasAMethod, ResponsesAreParsed, UnicodeIsPreserved,
    ErrorsAreExceptions, NulAndUnpairedSurrogatesAreRefused, WebhooksAreParsed, PagesAreIterated, StartedCalls,
    FreeingDuringCalls, CloseEndsCalls, ConnectionInfoIsReturned, ManyThreads, LogLines, LogLinesOfOneClient,
    LogHandlerFreesItsClient, FpuExceptionsAreRestored, SecretsAreNotShown);
var
  I: Integer;
begin
  if ParamStr(1) = '--missing' then WithoutLibrary
  else
  begin
    Client := NewClient;
    for I := Low(Tests) to High(Tests) do
      try
        Tests[I];
      except
        on Error: Exception do
          Check(False, UpscopeText(Format('test %d: %s %s', [I, Error.ClassName, Error.Message])));
      end;
    Client.Free;
  end;
  WriteLn('pascal binding: ', Checks, ' checks, ', Failures, ' failed');
  if (Failures > 0) or (Checks < 2) then Halt(1);
end.
