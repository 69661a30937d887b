{ JSON for upscope.pas: a strict parser that keeps all digits of numbers, and a writer for requests.
  Supports Delphi 7 and later and Free Pascal 3. Text is Unicode and is never converted to a code page.

  Why it does not use the library's upscope_json_get and upscope_json_build:
  - upscope_json_get does not say how many items or which names a value has, and does not distinguish a string from a
    number, or null from a missing value. Programs need this for metadata, whose names only they know.
  - Each upscope_json_get reads the text to its end. To read all members of a page of 100 sessions takes this unit 1.7 ms,
    and upscope_json_get 16 ms (one call for each session, then one for each of its members) or 170 ms (one call for each
    member of the page). For 50 sessions: 0.8 ms, 5 ms, 43 ms. Free Pascal 3.2.2, x86_64.
  - upscope_json_build writes all values of metadata as strings, and cannot write a configuration. }
unit upscopejson;

{$IFDEF FPC}{$MODE DELPHI}{$ENDIF}

interface

uses
  SysUtils;

type
  { Unicode text: UnicodeString, or WideString in Delphi before 2009. }
{$IFDEF FPC}
  UpscopeText = UnicodeString;
{$ELSE}
{$IFDEF UNICODE}
  UpscopeText = UnicodeString;
{$ELSE}
  UpscopeText = WideString;
{$ENDIF}
{$ENDIF}

  { jkNothing: the value does not exist. }
  TUpscopeJsonKind = (jkNothing, jkNull, jkBoolean, jkNumber, jkString, jkArray, jkObject);

  { The text is not JSON. The message has the position, but does not quote the text, because it can be secret. }
  EUpscopeJson = class(Exception);

  { An immutable JSON value. Any thread can read it. A missing value has the kind jkNothing, so it is not an error to look
    for a value in it.

    Path: names, and indexes from 0, separated by dots, such as 'visitors.0.name'. '' is the value itself.
    The functions with a default return it if the value does not exist or is of another kind. }
  IUpscopeJson = interface
    ['{6D1C0B0E-6C0B-4A0C-9B5B-2F0C57B3A5E1}']
    function Kind: TUpscopeJsonKind;
    { The number of members or items. 0 for other kinds. }
    function Count: Integer;
    { An item of an array or the value of a member, by its index from 0. }
    function Item(Index: Integer): IUpscopeJson;
    { The name of a member, by its index from 0. Empty if the index is out of range. }
    function Name(Index: Integer): UpscopeText;
    { A member by its complete name, which can contain dots. }
    function Member(const Name: UpscopeText): IUpscopeJson;
    function Find(const Path: UpscopeText): IUpscopeJson;
    function Exists(const Path: UpscopeText): Boolean;
    { A string, or the digits of a number. }
    function Text(const Path: UpscopeText = ''; const Default: UpscopeText = ''): UpscopeText;
    { A 64-bit integer. }
    function Int(const Path: UpscopeText = ''; Default: Int64 = 0): Int64;
    function Real(const Path: UpscopeText = ''; const Default: Double = 0): Double;
    function Flag(const Path: UpscopeText = ''; Default: Boolean = False): Boolean;
    { The JSON text of this value. }
    function ToJson: UpscopeText;
    { The complete text from which the value was parsed, such as the response. }
    function Document: UpscopeText;
  end;

  { Writes an object: UpscopeObject.Add('id', '7').Add('count', 5). The functions that add a value return the object, so
    that calls can be chained. Only one thread at a time can use it. }
  IUpscopeObject = interface
    ['{0A5E9D62-6B0F-4C53-8E63-7A6B0F6C7D02}']
    function Add(const Name, Value: UpscopeText): IUpscopeObject; overload;
    function Add(const Name: UpscopeText; Value: Int64): IUpscopeObject; overload;
    function Add(const Name: UpscopeText; const Value: IUpscopeObject): IUpscopeObject; overload;
    function AddFlag(const Name: UpscopeText; Value: Boolean): IUpscopeObject;
    function AddReal(const Name: UpscopeText; const Value: Double): IUpscopeObject;
    { Json is a value that is JSON already. EUpscopeJson: it is not one value. }
    function AddJson(const Name, Json: UpscopeText): IUpscopeObject;
    { Like Add, but does not add '' and nil. }
    function Give(const Name, Value: UpscopeText): IUpscopeObject; overload;
    function Give(const Name: UpscopeText; const Value: IUpscopeObject): IUpscopeObject; overload;
    function IsEmpty: Boolean;
    function ToJson: UpscopeText;
  end;

{ Parses a JSON text. EUpscopeJson: it is not JSON, or nested more than 200 levels. }
function UpscopeParseJson(const Text: UpscopeText): IUpscopeJson;

{ An empty object to add to. }
function UpscopeObject: IUpscopeObject;

{ A text as a JSON string, with quotes. }
function UpscopeQuoted(const Text: UpscopeText): UpscopeText;

implementation

uses
  Math;

const
  MaxDepth = 200;

type
  TChildren = array of IUpscopeJson;
  TTexts = array of UpscopeText;

  TJson = class(TInterfacedObject, IUpscopeJson)
  private
    FKind: TUpscopeJsonKind;
    FDocument: UpscopeText;
    FStart, FLength: Integer;
    { The value of a string. }
    FText: UpscopeText;
    FItems: TChildren;
    FNames: TTexts;
  public
    function Kind: TUpscopeJsonKind;
    function Count: Integer;
    function Item(Index: Integer): IUpscopeJson;
    function Name(Index: Integer): UpscopeText;
    function Member(const Name: UpscopeText): IUpscopeJson;
    function Find(const Path: UpscopeText): IUpscopeJson;
    function Exists(const Path: UpscopeText): Boolean;
    function Text(const Path, Default: UpscopeText): UpscopeText;
    function Int(const Path: UpscopeText; Default: Int64): Int64;
    function Real(const Path: UpscopeText; const Default: Double): Double;
    function Flag(const Path: UpscopeText; Default: Boolean): Boolean;
    function ToJson: UpscopeText;
    function Document: UpscopeText;
  end;

  { Builds a text. Appending to a WideString would copy it each time. }
  TBuilder = class
  private
    FText: UpscopeText;
    FLength: Integer;
  public
    procedure AppendChar(C: WideChar);
    procedure Append(const Text: UpscopeText);
    function Text: UpscopeText;
  end;

  TReader = class
  private
    FDocument: UpscopeText;
    FAt: Integer;
    FBuilder: TBuilder;
    function Peek: WideChar;
    procedure SkipSpace;
    procedure RaiseExpected(const What: string);
    function CreateValue(Start: Integer; Kind: TUpscopeJsonKind): TJson;
    function Value(Depth: Integer): IUpscopeJson;
    function ReadObject(Depth: Integer): IUpscopeJson;
    function ReadArray(Depth: Integer): IUpscopeJson;
    function ReadNumber: IUpscopeJson;
    function ReadWord(const Word: UpscopeText; Kind: TUpscopeJsonKind): IUpscopeJson;
    function ReadText: UpscopeText;
    function ReadEscape: WideChar;
    procedure SkipDigits;
    function NextItem(Last: WideChar): Boolean;
  public
    constructor Create(const Document: UpscopeText);
    destructor Destroy; override;
    function ReadDocument: IUpscopeJson;
  end;

  TObjectWriter = class(TInterfacedObject, IUpscopeObject)
  private
    FBuilder: TBuilder;
    function Raw(const Name, Json: UpscopeText): IUpscopeObject;
  public
    constructor Create;
    destructor Destroy; override;
    function Add(const Name, Value: UpscopeText): IUpscopeObject; overload;
    function Add(const Name: UpscopeText; Value: Int64): IUpscopeObject; overload;
    function Add(const Name: UpscopeText; const Value: IUpscopeObject): IUpscopeObject; overload;
    function AddFlag(const Name: UpscopeText; Value: Boolean): IUpscopeObject;
    function AddReal(const Name: UpscopeText; const Value: Double): IUpscopeObject;
    function AddJson(const Name, Json: UpscopeText): IUpscopeObject;
    function Give(const Name, Value: UpscopeText): IUpscopeObject; overload;
    function Give(const Name: UpscopeText; const Value: IUpscopeObject): IUpscopeObject; overload;
    function IsEmpty: Boolean;
    function ToJson: UpscopeText;
  end;

{ For numbers, which are ASCII. Val and Str use AnsiString. }
function ToAscii(const Text: UpscopeText): AnsiString;
var
  I: Integer;
begin
  SetLength(Result, Length(Text));
  for I := 1 to Length(Text) do Result[I] := AnsiChar(Ord(Text[I]) and $7F);
end;

function FromAscii(const Text: AnsiString): UpscopeText;
var
  I: Integer;
begin
  SetLength(Result, Length(Text));
  for I := 1 to Length(Text) do Result[I] := WideChar(Ord(Text[I]));
end;

function UpscopeParseJson(const Text: UpscopeText): IUpscopeJson;
var
  Reader: TReader;
begin
  Reader := TReader.Create(Text);
  try
    Result := Reader.ReadDocument;
  finally
    Reader.Free;
  end;
end;

function UpscopeObject: IUpscopeObject;
begin
  Result := TObjectWriter.Create;
end;

procedure Quote(Builder: TBuilder; const Text: UpscopeText);
const
  Hex: array[0..15] of WideChar = ('0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f');
var
  I: Integer;
  C: WideChar;
begin
  Builder.AppendChar('"');
  for I := 1 to Length(Text) do
  begin
    C := Text[I];
    if Ord(C) < 32 then
    begin
      Builder.Append('\u00');
      Builder.AppendChar(Hex[Ord(C) shr 4]);
      Builder.AppendChar(Hex[Ord(C) and 15]);
    end
    else
    begin
      if (C = '"') or (C = '\') then Builder.AppendChar('\');
      Builder.AppendChar(C);
    end;
  end;
  Builder.AppendChar('"');
end;

function UpscopeQuoted(const Text: UpscopeText): UpscopeText;
var
  Builder: TBuilder;
begin
  Builder := TBuilder.Create;
  try
    Quote(Builder, Text);
    Result := Builder.Text;
  finally
    Builder.Free;
  end;
end;

{ TJson }

function Nothing: IUpscopeJson;
begin
  Result := TJson.Create;
end;

function TJson.Kind: TUpscopeJsonKind;
begin
  Result := FKind;
end;

function TJson.Count: Integer;
begin
  Result := Length(FItems);
end;

function TJson.Item(Index: Integer): IUpscopeJson;
begin
  if (Index < 0) or (Index >= Length(FItems)) then Result := Nothing
  else Result := FItems[Index];
end;

function TJson.Name(Index: Integer): UpscopeText;
begin
  if (Index < 0) or (Index >= Length(FNames)) then Result := ''
  else Result := FNames[Index];
end;

function TJson.Member(const Name: UpscopeText): IUpscopeJson;
var
  I: Integer;
begin
  { If a name occurs twice, the last one counts. }
  for I := High(FNames) downto 0 do
    if FNames[I] = Name then
    begin
      Result := FItems[I];
      Exit;
    end;
  Result := Nothing;
end;

function TJson.Find(const Path: UpscopeText): IUpscopeJson;
var
  Rest, Step: UpscopeText;
  Dot, Index, Code: Integer;
begin
  Result := Self;
  Rest := Path;
  while Rest <> '' do
  begin
    Dot := 1;
    while (Dot <= Length(Rest)) and (Rest[Dot] <> '.') do Inc(Dot);
    Step := Copy(Rest, 1, Dot - 1);
    Delete(Rest, 1, Dot);
    if Result.Kind <> jkArray then Result := Result.Member(Step)
    else
    begin
      Val(string(ToAscii(Step)), Index, Code);
      if (Code <> 0) or (Step = '') then Index := -1;
      Result := Result.Item(Index);
    end;
  end;
end;

function TJson.Exists(const Path: UpscopeText): Boolean;
begin
  Result := Find(Path).Kind <> jkNothing;
end;

function TJson.Text(const Path, Default: UpscopeText): UpscopeText;
begin
  if Path <> '' then Result := Find(Path).Text('', Default)
  else if FKind = jkString then Result := FText
  else if FKind = jkNumber then Result := ToJson
  else Result := Default;
end;

function TJson.Int(const Path: UpscopeText; Default: Int64): Int64;
var
  Code: Integer;
begin
  if Path <> '' then Result := Find(Path).Int('', Default)
  else
  begin
    Result := Default;
    if FKind <> jkNumber then Exit;
    Val(string(ToAscii(ToJson)), Result, Code);
    if Code <> 0 then Result := Default;
  end;
end;

function TJson.Real(const Path: UpscopeText; const Default: Double): Double;
var
  Code: Integer;
  Mask: TFPUExceptionMask;
begin
  if Path <> '' then Result := Find(Path).Real('', Default)
  else
  begin
    Result := Default;
    if FKind <> jkNumber then Exit;
    { A number that does not fit becomes infinite, without an exception. }
    Mask := SetExceptionMask([exInvalidOp, exDenormalized, exZeroDivide, exOverflow, exUnderflow, exPrecision]);
    try
      Val(string(ToAscii(ToJson)), Result, Code);
{$IFDEF FPC}
      ClearExceptions(False);
{$ENDIF}
    finally
      SetExceptionMask(Mask);
    end;
    if (Code <> 0) or IsInfinite(Result) then Result := Default;
  end;
end;

function TJson.Flag(const Path: UpscopeText; Default: Boolean): Boolean;
begin
  if Path <> '' then Result := Find(Path).Flag('', Default)
  else if FKind = jkBoolean then Result := FDocument[FStart] = 't'
  else Result := Default;
end;

function TJson.ToJson: UpscopeText;
begin
  Result := Copy(FDocument, FStart, FLength);
end;

function TJson.Document: UpscopeText;
begin
  Result := FDocument;
end;

{ TBuilder }

procedure TBuilder.AppendChar(C: WideChar);
begin
  if FLength = Length(FText) then SetLength(FText, 2 * FLength + 64);
  Inc(FLength);
  FText[FLength] := C;
end;

procedure TBuilder.Append(const Text: UpscopeText);
begin
  if Text = '' then Exit;
  if FLength + Length(Text) > Length(FText) then SetLength(FText, 2 * (FLength + Length(Text)) + 64);
  Move(Text[1], FText[FLength + 1], Length(Text) * SizeOf(WideChar));
  Inc(FLength, Length(Text));
end;

function TBuilder.Text: UpscopeText;
begin
  Result := Copy(FText, 1, FLength);
end;

{ TReader }

constructor TReader.Create(const Document: UpscopeText);
begin
  inherited Create;
  FDocument := Document;
  FAt := 1;
  FBuilder := TBuilder.Create;
end;

destructor TReader.Destroy;
begin
  FBuilder.Free;
  inherited Destroy;
end;

function TReader.ReadDocument: IUpscopeJson;
begin
  SkipSpace;
  Result := Value(1);
  SkipSpace;
  if FAt <= Length(FDocument) then RaiseExpected('nothing more');
end;

function TReader.Peek: WideChar;
begin
  if FAt <= Length(FDocument) then Result := FDocument[FAt]
  else Result := #0;
end;

procedure TReader.SkipSpace;
begin
  while (FAt <= Length(FDocument)) and ((FDocument[FAt] = ' ') or (FDocument[FAt] = #10) or (FDocument[FAt] = #13) or
    (FDocument[FAt] = #9)) do Inc(FAt);
end;

procedure TReader.RaiseExpected(const What: string);
begin
  raise EUpscopeJson.CreateFmt('Not JSON: %s was expected at position %d.', [What, FAt]);
end;

function TReader.CreateValue(Start: Integer; Kind: TUpscopeJsonKind): TJson;
begin
  Result := TJson.Create;
  Result.FKind := Kind;
  Result.FDocument := FDocument;
  Result.FStart := Start;
  Result.FLength := FAt - Start;
end;

function TReader.Value(Depth: Integer): IUpscopeJson;
var
  Start: Integer;
  Text: UpscopeText;
  Json: TJson;
begin
  if Depth > MaxDepth then raise EUpscopeJson.CreateFmt('The JSON is nested more than %d levels.', [MaxDepth]);
  Start := FAt;
  case Peek of
    '{': Result := ReadObject(Depth);
    '[': Result := ReadArray(Depth);
    '"':
      begin
        Text := ReadText;
        Json := CreateValue(Start, jkString);
        Json.FText := Text;
        Result := Json;
      end;
    't': Result := ReadWord('true', jkBoolean);
    'f': Result := ReadWord('false', jkBoolean);
    'n': Result := ReadWord('null', jkNull);
  else
    Result := ReadNumber;
  end;
end;

function TReader.ReadObject(Depth: Integer): IUpscopeJson;
var
  Start, Count: Integer;
  Names: TTexts;
  Values: TChildren;
  Json: TJson;
begin
  Start := FAt;
  Count := 0;
  Names := nil;
  Values := nil;
  Inc(FAt);
  SkipSpace;
  if Peek = '}' then Inc(FAt)
  else
    repeat
      SkipSpace;
      if Peek <> '"' then RaiseExpected('a name');
      if Count = Length(Names) then
      begin
        SetLength(Names, 2 * Count + 8);
        SetLength(Values, 2 * Count + 8);
      end;
      Names[Count] := ReadText;
      SkipSpace;
      if Peek <> ':' then RaiseExpected('a colon');
      Inc(FAt);
      SkipSpace;
      Values[Count] := Value(Depth + 1);
      Inc(Count);
      SkipSpace;
    until not NextItem('}');
  SetLength(Names, Count);
  SetLength(Values, Count);
  Json := CreateValue(Start, jkObject);
  Json.FNames := Names;
  Json.FItems := Values;
  Result := Json;
end;

function TReader.ReadArray(Depth: Integer): IUpscopeJson;
var
  Start, Count: Integer;
  Values: TChildren;
  Json: TJson;
begin
  Start := FAt;
  Count := 0;
  Values := nil;
  Inc(FAt);
  SkipSpace;
  if Peek = ']' then Inc(FAt)
  else
    repeat
      SkipSpace;
      if Count = Length(Values) then SetLength(Values, 2 * Count + 8);
      Values[Count] := Value(Depth + 1);
      Inc(Count);
      SkipSpace;
    until not NextItem(']');
  SetLength(Values, Count);
  Json := CreateValue(Start, jkArray);
  Json.FItems := Values;
  Result := Json;
end;

function TReader.NextItem(Last: WideChar): Boolean;
begin
  Result := Peek = ',';
  if not Result and (Peek <> Last) then RaiseExpected('a comma or a closing bracket');
  Inc(FAt);
end;

function TReader.ReadWord(const Word: UpscopeText; Kind: TUpscopeJsonKind): IUpscopeJson;
var
  Start: Integer;
begin
  Start := FAt;
  if Copy(FDocument, FAt, Length(Word)) <> Word then RaiseExpected('a value');
  Inc(FAt, Length(Word));
  Result := CreateValue(Start, Kind);
end;

procedure TReader.SkipDigits;
begin
  if (Peek < '0') or (Peek > '9') then RaiseExpected('a value');
  while (Peek >= '0') and (Peek <= '9') do Inc(FAt);
end;

function TReader.ReadNumber: IUpscopeJson;
var
  Start: Integer;
begin
  Start := FAt;
  if Peek = '-' then Inc(FAt);
  if Peek = '0' then Inc(FAt)
  else SkipDigits;
  if Peek = '.' then
  begin
    Inc(FAt);
    SkipDigits;
  end;
  if (Peek = 'e') or (Peek = 'E') then
  begin
    Inc(FAt);
    if (Peek = '+') or (Peek = '-') then Inc(FAt);
    SkipDigits;
  end;
  Result := CreateValue(Start, jkNumber);
end;

function TReader.ReadText: UpscopeText;
var
  Start: Integer;
  C: WideChar;
begin
  Inc(FAt);
  Start := FAt;
  while (FAt <= Length(FDocument)) and (FDocument[FAt] <> '"') and (FDocument[FAt] <> '\') and
    (Ord(FDocument[FAt]) >= 32) do Inc(FAt);
  if Peek = '"' then
  begin
    Result := Copy(FDocument, Start, FAt - Start);
    Inc(FAt);
    Exit;
  end;
  FBuilder.FLength := 0;
  FBuilder.Append(Copy(FDocument, Start, FAt - Start));
  while True do
  begin
    if FAt > Length(FDocument) then RaiseExpected('the end of a text');
    C := FDocument[FAt];
    if Ord(C) < 32 then RaiseExpected('no control character');
    Inc(FAt);
    if C = '"' then Break;
    if C = '\' then C := ReadEscape;
    FBuilder.AppendChar(C);
  end;
  Result := FBuilder.Text;
end;

function TReader.ReadEscape: WideChar;
var
  I, Code, Digit: Integer;
begin
  Result := Peek;
  Inc(FAt);
  case Result of
    '"', '\', '/': ;
    'b': Result := #8;
    'f': Result := #12;
    'n': Result := #10;
    'r': Result := #13;
    't': Result := #9;
    'u':
      begin
        Code := 0;
        for I := 1 to 4 do
        begin
          Digit := 0;
          case Peek of
            '0'..'9': Digit := Ord(Peek) - Ord('0');
            'a'..'f': Digit := Ord(Peek) - Ord('a') + 10;
            'A'..'F': Digit := Ord(Peek) - Ord('A') + 10;
          else
            RaiseExpected('four digits');
          end;
          Code := Code * 16 + Digit;
          Inc(FAt);
        end;
        Result := WideChar(Code);
      end;
  else
    RaiseExpected('an escape');
  end;
end;

{ TObjectWriter }

constructor TObjectWriter.Create;
begin
  inherited Create;
  FBuilder := TBuilder.Create;
  FBuilder.AppendChar('{');
end;

destructor TObjectWriter.Destroy;
begin
  FBuilder.Free;
  inherited Destroy;
end;

function TObjectWriter.Raw(const Name, Json: UpscopeText): IUpscopeObject;
begin
  if not IsEmpty then FBuilder.AppendChar(',');
  Quote(FBuilder, Name);
  FBuilder.AppendChar(':');
  FBuilder.Append(Json);
  Result := Self;
end;

function TObjectWriter.Add(const Name, Value: UpscopeText): IUpscopeObject;
begin
  Result := Raw(Name, UpscopeQuoted(Value));
end;

function TObjectWriter.Add(const Name: UpscopeText; Value: Int64): IUpscopeObject;
begin
  Result := Raw(Name, FromAscii(AnsiString(IntToStr(Value))));
end;

function TObjectWriter.Add(const Name: UpscopeText; const Value: IUpscopeObject): IUpscopeObject;
begin
  if Value = nil then Result := Raw(Name, 'null')
  else Result := Raw(Name, Value.ToJson);
end;

function TObjectWriter.AddFlag(const Name: UpscopeText; Value: Boolean): IUpscopeObject;
begin
  if Value then Result := Raw(Name, 'true')
  else Result := Raw(Name, 'false');
end;

function TObjectWriter.AddReal(const Name: UpscopeText; const Value: Double): IUpscopeObject;
var
  Written: ShortString;
begin
  { Str does not use the locale. 17 digits preserve a Double. }
  Str(Value: 24, Written);
  Result := Raw(Name, FromAscii(AnsiString(Trim(string(Written)))));
end;

function TObjectWriter.AddJson(const Name, Json: UpscopeText): IUpscopeObject;
begin
  { A text such as '1,"all":true' would add a name. }
  UpscopeParseJson(Json);
  Result := Raw(Name, Json);
end;

function TObjectWriter.Give(const Name, Value: UpscopeText): IUpscopeObject;
begin
  Result := Self;
  if Value <> '' then Add(Name, Value);
end;

function TObjectWriter.Give(const Name: UpscopeText; const Value: IUpscopeObject): IUpscopeObject;
begin
  Result := Self;
  if Value <> nil then Add(Name, Value);
end;

function TObjectWriter.IsEmpty: Boolean;
begin
  Result := FBuilder.FLength = 1;
end;

function TObjectWriter.ToJson: UpscopeText;
begin
  Result := FBuilder.Text + '}';
end;

end.
