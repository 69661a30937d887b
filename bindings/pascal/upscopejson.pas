{ JSON for upscope.pas: a strict reader that keeps numbers as they are written, and a writer for requests.
  Delphi 7 and later, Free Pascal 3. Text is Unicode throughout and never goes by way of a code page. }
unit upscopejson;

{$IFDEF FPC}{$MODE DELPHI}{$ENDIF}

interface

uses
  SysUtils;

type
  { Unicode text of whatever compiler: UnicodeString, in Delphi before 2009 WideString. }
{$IFDEF FPC}
  UpscopeText = UnicodeString;
{$ELSE}
{$IFDEF UNICODE}
  UpscopeText = UnicodeString;
{$ELSE}
  UpscopeText = WideString;
{$ENDIF}
{$ENDIF}

  { jkNothing: there is no such value. }
  TUpscopeJsonKind = (jkNothing, jkNull, jkBoolean, jkNumber, jkString, jkArray, jkObject);

  { The text is not JSON. The message tells where, and never what, for it may be a secret. }
  EUpscopeJson = class(Exception);

  { A JSON value. It never changes, and any thread may read it. What is not there is a value of kind jkNothing, so that
    looking for something within it is no error.

    Path: names and, from 0, numbers of items with dots between them, such as 'visitors.0.name'; '' is the value itself.
    The functions with a default give it when there is no such value, or one of another kind. }
  IUpscopeJson = interface
    ['{6D1C0B0E-6C0B-4A0C-9B5B-2F0C57B3A5E1}']
    function Kind: TUpscopeJsonKind;
    { Members or items; 0 for everything else. }
    function Count: Integer;
    { An item of an array or the value of a member, from 0. }
    function Item(Index: Integer): IUpscopeJson;
    { The name of a member, in the order in which they came; '' if there is none. }
    function Name(Index: Integer): UpscopeText;
    { A member by its whole name, which may have dots in it. }
    function Member(const Name: UpscopeText): IUpscopeJson;
    function Find(const Path: UpscopeText): IUpscopeJson;
    function Exists(const Path: UpscopeText): Boolean;
    { A text; a number as it was written. }
    function Text(const Path: UpscopeText = ''; const Default: UpscopeText = ''): UpscopeText;
    { A number without fraction or exponent that fits 64 bits. }
    function Int(const Path: UpscopeText = ''; Default: Int64 = 0): Int64;
    function Real(const Path: UpscopeText = ''; const Default: Double = 0): Double;
    function Flag(const Path: UpscopeText = ''; Default: Boolean = False): Boolean;
    { The value's JSON, as it came. }
    function ToJson: UpscopeText;
    { The whole text that it was read from: for an answer, what the service sent. }
    function Document: UpscopeText;
  end;

  { Writes an object: UpscopeObject.Add('id', '7').Add('count', 5). Everything that is added is given back, so that calls
    can be chained. Use it in one thread at a time. }
  IUpscopeObject = interface
    ['{0A5E9D62-6B0F-4C53-8E63-7A6B0F6C7D02}']
    function Add(const Name, Value: UpscopeText): IUpscopeObject; overload;
    function Add(const Name: UpscopeText; Value: Int64): IUpscopeObject; overload;
    function Add(const Name: UpscopeText; const Value: IUpscopeObject): IUpscopeObject; overload;
    function AddFlag(const Name: UpscopeText; Value: Boolean): IUpscopeObject;
    function AddReal(const Name: UpscopeText; const Value: Double): IUpscopeObject;
    { Json: any JSON; the library refuses what is none. }
    function AddJson(const Name, Json: UpscopeText): IUpscopeObject;
    { The same as Add, but '' and nil are left out. }
    function Give(const Name, Value: UpscopeText): IUpscopeObject; overload;
    function Give(const Name: UpscopeText; const Value: IUpscopeObject): IUpscopeObject; overload;
    function IsEmpty: Boolean;
    function ToJson: UpscopeText;
  end;

{ Reads a whole JSON text. EUpscopeJson: it is none, or nested more than 200 levels. }
function UpscopeParseJson(const Text: UpscopeText): IUpscopeJson;

{ An empty object to add to. }
function UpscopeObject: IUpscopeObject;

{ A text as JSON, with its quotes. }
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
    { Of a string; of a number what it is in the document. }
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

  { A text that grows; appending to a WideString letter by letter would copy it each time. }
  TBuilder = class
  private
    FText: UpscopeText;
    FLength: Integer;
  public
    procedure Letter(C: WideChar);
    procedure Append(const Text: UpscopeText);
    function Built: UpscopeText;
  end;

  TReader = class
  private
    FDocument: UpscopeText;
    FAt: Integer;
    FBuilder: TBuilder;
    function Peek: WideChar;
    procedure SkipSpace;
    procedure Wrong(const Wanted: string);
    function Made(Start: Integer; Kind: TUpscopeJsonKind): TJson;
    function Value(Depth: Integer): IUpscopeJson;
    function ReadObject(Depth: Integer): IUpscopeJson;
    function ReadArray(Depth: Integer): IUpscopeJson;
    function ReadNumber: IUpscopeJson;
    function ReadWord(const Word: UpscopeText; Kind: TUpscopeJsonKind): IUpscopeJson;
    function ReadText: UpscopeText;
    function Escaped: WideChar;
    procedure Digits;
    function Another(Last: WideChar): Boolean;
  public
    constructor Create(const Document: UpscopeText);
    destructor Destroy; override;
    function Whole: IUpscopeJson;
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

{ Digits, signs and points: the same in every code page, and what Val and Str take. }
function Narrow(const Text: UpscopeText): AnsiString;
var
  I: Integer;
begin
  SetLength(Result, Length(Text));
  for I := 1 to Length(Text) do Result[I] := AnsiChar(Ord(Text[I]) and $7F);
end;

function Widened(const Text: AnsiString): UpscopeText;
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
    Result := Reader.Whole;
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
  Builder.Letter('"');
  for I := 1 to Length(Text) do
  begin
    C := Text[I];
    if Ord(C) < 32 then
    begin
      Builder.Append('\u00');
      Builder.Letter(Hex[Ord(C) shr 4]);
      Builder.Letter(Hex[Ord(C) and 15]);
    end
    else
    begin
      if (C = '"') or (C = '\') then Builder.Letter('\');
      Builder.Letter(C);
    end;
  end;
  Builder.Letter('"');
end;

function UpscopeQuoted(const Text: UpscopeText): UpscopeText;
var
  Builder: TBuilder;
begin
  Builder := TBuilder.Create;
  try
    Quote(Builder, Text);
    Result := Builder.Built;
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
  { The last one counts, should a name come twice. }
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
      Val(string(Narrow(Step)), Index, Code);
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
    Val(string(Narrow(ToJson)), Result, Code);
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
    { A number that no Double can hold is infinite, and no exception. }
    Mask := SetExceptionMask([exInvalidOp, exDenormalized, exZeroDivide, exOverflow, exUnderflow, exPrecision]);
    try
      Val(string(Narrow(ToJson)), Result, Code);
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

procedure TBuilder.Letter(C: WideChar);
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

function TBuilder.Built: UpscopeText;
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

function TReader.Whole: IUpscopeJson;
begin
  SkipSpace;
  Result := Value(1);
  SkipSpace;
  if FAt <= Length(FDocument) then Wrong('nothing more');
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

procedure TReader.Wrong(const Wanted: string);
begin
  raise EUpscopeJson.CreateFmt('Not JSON: %s was expected at position %d.', [Wanted, FAt]);
end;

function TReader.Made(Start: Integer; Kind: TUpscopeJsonKind): TJson;
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
  Made: TJson;
begin
  if Depth > MaxDepth then raise EUpscopeJson.CreateFmt('The JSON is nested more than %d levels.', [MaxDepth]);
  Start := FAt;
  case Peek of
    '{': Result := ReadObject(Depth);
    '[': Result := ReadArray(Depth);
    '"':
      begin
        Text := ReadText;
        Made := Self.Made(Start, jkString);
        Made.FText := Text;
        Result := Made;
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
  Made: TJson;
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
      if Peek <> '"' then Wrong('a name');
      if Count = Length(Names) then
      begin
        SetLength(Names, 2 * Count + 8);
        SetLength(Values, 2 * Count + 8);
      end;
      Names[Count] := ReadText;
      SkipSpace;
      if Peek <> ':' then Wrong('a colon');
      Inc(FAt);
      SkipSpace;
      Values[Count] := Value(Depth + 1);
      Inc(Count);
      SkipSpace;
    until not Another('}');
  SetLength(Names, Count);
  SetLength(Values, Count);
  Made := Self.Made(Start, jkObject);
  Made.FNames := Names;
  Made.FItems := Values;
  Result := Made;
end;

function TReader.ReadArray(Depth: Integer): IUpscopeJson;
var
  Start, Count: Integer;
  Values: TChildren;
  Made: TJson;
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
    until not Another(']');
  SetLength(Values, Count);
  Made := Self.Made(Start, jkArray);
  Made.FItems := Values;
  Result := Made;
end;

function TReader.Another(Last: WideChar): Boolean;
begin
  Result := Peek = ',';
  if not Result and (Peek <> Last) then Wrong('a comma or a closing bracket');
  Inc(FAt);
end;

function TReader.ReadWord(const Word: UpscopeText; Kind: TUpscopeJsonKind): IUpscopeJson;
var
  Start: Integer;
begin
  Start := FAt;
  if Copy(FDocument, FAt, Length(Word)) <> Word then Wrong('a value');
  Inc(FAt, Length(Word));
  Result := Made(Start, Kind);
end;

procedure TReader.Digits;
begin
  if (Peek < '0') or (Peek > '9') then Wrong('a value');
  while (Peek >= '0') and (Peek <= '9') do Inc(FAt);
end;

function TReader.ReadNumber: IUpscopeJson;
var
  Start: Integer;
begin
  Start := FAt;
  if Peek = '-' then Inc(FAt);
  if Peek = '0' then Inc(FAt)
  else Digits;
  if Peek = '.' then
  begin
    Inc(FAt);
    Digits;
  end;
  if (Peek = 'e') or (Peek = 'E') then
  begin
    Inc(FAt);
    if (Peek = '+') or (Peek = '-') then Inc(FAt);
    Digits;
  end;
  Result := Made(Start, jkNumber);
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
    if FAt > Length(FDocument) then Wrong('the end of a text');
    C := FDocument[FAt];
    if Ord(C) < 32 then Wrong('no control character');
    Inc(FAt);
    if C = '"' then Break;
    if C = '\' then C := Escaped;
    FBuilder.Letter(C);
  end;
  Result := FBuilder.Built;
end;

function TReader.Escaped: WideChar;
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
            Wrong('four digits');
          end;
          Code := Code * 16 + Digit;
          Inc(FAt);
        end;
        Result := WideChar(Code);
      end;
  else
    Wrong('an escape');
  end;
end;

{ TObjectWriter }

constructor TObjectWriter.Create;
begin
  inherited Create;
  FBuilder := TBuilder.Create;
  FBuilder.Letter('{');
end;

destructor TObjectWriter.Destroy;
begin
  FBuilder.Free;
  inherited Destroy;
end;

function TObjectWriter.Raw(const Name, Json: UpscopeText): IUpscopeObject;
begin
  if not IsEmpty then FBuilder.Letter(',');
  Quote(FBuilder, Name);
  FBuilder.Letter(':');
  FBuilder.Append(Json);
  Result := Self;
end;

function TObjectWriter.Add(const Name, Value: UpscopeText): IUpscopeObject;
begin
  Result := Raw(Name, UpscopeQuoted(Value));
end;

function TObjectWriter.Add(const Name: UpscopeText; Value: Int64): IUpscopeObject;
begin
  Result := Raw(Name, Widened(AnsiString(IntToStr(Value))));
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
  { Str knows no locale; 17 digits give back the same number. }
  Str(Value: 24, Written);
  Result := Raw(Name, Widened(AnsiString(Trim(string(Written)))));
end;

function TObjectWriter.AddJson(const Name, Json: UpscopeText): IUpscopeObject;
begin
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
  Result := FBuilder.Built + '}';
end;

end.
