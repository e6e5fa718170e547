"""What a file of a standard table may hold: its parts, their names in files, how each is read."""

from __future__ import annotations

from dataclasses import replace

from kizuna.pipeline.capture.standard.spec import COLUMNS, DERIVED, Kind, Part, Spec

__all__ = ["COLUMNS", "DERIVED", "SPECS", "Kind", "Part", "Spec"]

CUSTOMER = Part(
    "customer_id",
    "id",
    """customerid customerkey customercode customerno customernumber custid clientid clientcode
    memberid membercode memberno userid accountid contactid externalid id customer
    顧客id 顧客番号 顧客コード 顧客no 会員id 会員番号 会員コード 会員no お客様id お客様番号
    お客様コード 得意先コード 得意先番号 取引先コード ユーザーid ユーザid 利用者id 顧客 会員""",
)
CASE = Part(
    "case_id",
    "id",
    """caseid ticketid caseno ticketno casenumber ticketnumber case ticket
    案件番号 案件id チケット番号 チケットid 問い合わせ番号 お問い合わせ番号 受付番号""",
)
AMOUNT = """amount total price fee mrr value sum spend cost
    金額 月額 年額 料金 契約金額 契約額 利用料 費用 広告費 税込金額 支払金額"""
NOT_BEGUN = "not_begun"
"""State of a contract that nothing was paid for yet: in its trial, or its first bill is open."""
CURRENCY = Part("currency", "currency", "currency currencycode 通貨 通貨コード")
CHANNEL_SYNONYMS = """channel acquisitionchannel source leadsource utmsource medium
    獲得チャネル 流入チャネル 流入経路 獲得経路 チャネル 媒体 広告媒体 経路 きっかけ"""

CUSTOMERS = Spec(
    "customers",
    "customer_id",
    (
        CUSTOMER,
        Part(
            "name",
            "name",
            """fullname customername companyname accountname displayname name company
            氏名 お名前 顧客名 会員名 お客様名 会社名 企業名 法人名 得意先名 取引先名 名前 名称""",
        ),
        Part(
            "name_kana",
            "kana",
            """namekana fullnamekana kana furigana phoneticname
            フリガナ ふりがな 氏名カナ 氏名かな 氏名フリガナ お名前カナ 顧客名カナ カナ かな
            ヨミガナ よみがな カナ氏名 名前カナ""",
        ),
        Part(
            "kind",
            "choice",
            "kind customertype accounttype type 顧客区分 個人法人区分 法人個人 区分 種別 顧客種別",
            {
                "person": "person individual consumer b2c personal 個人 一般",
                "company": "company business corporate organization b2b 法人 会社 企業",
            },
        ),
        Part(
            "email",
            "email",
            "email emailaddress mail mailaddress customeremail メールアドレス メール eメール",
        ),
        Part(
            "phone",
            "phone",
            """phone phonenumber telephone tel mobile mobilephone cellphone
            電話番号 電話 携帯電話 携帯番号 携帯 tel番号 連絡先電話番号""",
        ),
        Part("country", "country", "country countrycode nation 国 国名 国コード"),
        Part(
            "region",
            "region",
            "region state province prefecture stateprovince 都道府県 都道府県名 地域 県 州",
        ),
        Part(
            "city",
            "text",
            "city town municipality 市区町村 市区町村名 市町村 住所1 住所１ 市",
        ),
        Part("address", "address", "address fulladdress streetaddress 住所 ご住所 所在地"),
        Part("channel", "text", CHANNEL_SYNONYMS),
        Part(
            "acquired_on",
            "day",
            """acquiredon acquireddate signupdate registeredat registrationdate createdat
            createddate customersince joineddate
            獲得日 登録日 会員登録日 入会日 登録日時 取引開始日 作成日""",
        ),
        Part(
            "parent_id",
            "id",
            "parentid parentcustomerid parentaccountid parent 親顧客id 親会社id 親会社 親顧客",
        ),
        Part(
            "owner_email",
            "email",
            "owneremail owner accountowner accountmanager 担当者メール 担当者メールアドレス 担当者",
        ),
    ),
    ("customer_id", "email", "phone"),
)

CONTRACTS = Spec(
    "contracts",
    "contract_id",
    (
        Part(
            "contract_id",
            "id",
            """contractid contractno contractnumber subscriptionid subscriptionno agreementid
            契約番号 契約id 契約no 契約コード サブスクリプションid 定期id 定期番号""",
        ),
        CUSTOMER,
        Part(
            "product", "text", "product productname plan planname sku 商品 商品名 プラン プラン名"
        ),
        Part(
            "started_on",
            "day",
            """startedon startdate startedat start contractstart begindate
            契約開始日 開始日 利用開始日 契約日 申込日""",
        ),
        Part("trial_until", "day", "trialuntil trialend trialendson 試用終了日 無料期間終了日"),
        Part(
            "ended_on",
            "day",
            "endedon enddate endedat end contractend expirydate 契約終了日 終了日 満了日",
        ),
        Part(
            "term_months",
            "whole",
            "termmonths term contractterm contractmonths 契約期間 契約月数 契約期間月数",
        ),
        Part("auto_renew", "flag", "autorenew autorenewal renews 自動更新 自動更新有無"),
        Part("notice_days", "whole", "noticedays noticeperiod 解約予告日数 予告日数 解約予告期間"),
        Part("seats", "whole", "seats licenses licences quantity 席数 ライセンス数 契約数 数量"),
        Part("amount", "money", AMOUNT),
        Part(
            "billing_months",
            "whole",
            """billingmonths billingperiod billingcycle billinginterval interval
            請求月数 請求サイクル 請求周期 支払サイクル 支払い方法 支払周期""",
            {
                "0": "once onetime one-time oneoff 一括 一回 一回払い 買い切り 買切",
                "1": "monthly month 月 毎月 月払い 月払 月額 月次",
                "3": "quarterly quarter 四半期 四半期払い",
                "6": "semiannual halfyearly 半年 半年払い 半期",
                "12": "yearly annual annually year 年 年払い 年払 年額 年次",
            },
            default="1",
        ),
        CURRENCY,
        Part(
            "cancelled_on",
            "day",
            "cancelledon canceledon cancelledat canceledat canceldate 解約日 解約申込日",
        ),
        Part(
            "cancel_reason",
            "free",
            "cancelreason cancellationreason churnreason 解約理由 キャンセル理由",
        ),
        Part(
            "billing_status",
            "choice",
            "billingstatus 請求状態",
            {
                "running": "active past_due unpaid paused 契約中 利用中 有効",
                "ended": "canceled cancelled 解約 解約済 終了",
                NOT_BEGUN: "trialing incomplete incomplete_expired 試用中 申込中",
            },
            is_open=True,
        ),
    ),
    ("contract_id",),
)

BILLING_MONTHS = CONTRACTS.by_name["billing_months"]
SEATS = CONTRACTS.by_name["seats"]

CONTRACT_CHANGES = Spec(
    "contract_changes",
    "change_id",
    (
        Part("change_id", "id", "changeid amendmentid 変更番号 変更id"),
        CONTRACTS.by_name["contract_id"],
        Part(
            "changed_on",
            "day",
            """changedon changedate effectiveon effectivedate effectivefrom amendedon
            変更日 適用日 適用開始日 変更適用日 改定日 価格改定日""",
        ),
        Part("amount", "money", f"newamount newprice {AMOUNT} 新金額 変更後金額 改定後金額"),
        replace(BILLING_MONTHS, default=None),
        CURRENCY,
        replace(SEATS, synonyms=f"{SEATS.synonyms} newseats 変更後席数"),
    ),
    ("change_id",),
    is_named_by_content=True,
)

EVENTS = Spec(
    "events",
    "event_id",
    (
        Part("event_id", "id", "eventid messageid イベントid イベント番号"),
        CUSTOMER,
        Part("name", "text", "eventname event action activity name イベント名 イベント 行動 操作"),
        Part(
            "happened_at",
            "moment",
            """happenedat eventtime eventat occurredat timestamp eventdate createdat datetime time
            date 発生日時 イベント日時 日時 発生日 日付""",
        ),
        Part("source", "text", "source platform app system 発生元 ソース システム"),
        Part("properties", "json", "properties attributes payload 属性 プロパティ"),
    ),
    ("event_id",),
    is_named_by_content=True,
)

INTERACTIONS = Spec(
    "interactions",
    "interaction_id",
    (
        Part(
            "interaction_id",
            "id",
            """interactionid contactid messageid callid conversationid activityid
            対応番号 対応id 応対番号 履歴id 対応履歴id""",
        ),
        CUSTOMER,
        Part(
            "happened_at",
            "moment",
            """happenedat contactedat receivedat calledat sentat createdat timestamp datetime date
            対応日時 受付日時 応対日時 問い合わせ日時 お問い合わせ日時 日時 対応日 受付日 日付""",
        ),
        Part(
            "channel",
            "choice",
            "channel contactchannel medium via チャネル 対応チャネル 受付方法 連絡手段 手段 方法",
            {
                "mail": "mail email e-mail メール",
                "phone": "phone call telephone tel voice 電話 通話",
                "chat": "chat livechat webchat チャット",
                "line": "line ライン",
                "visit": "visit 訪問 往訪",
                "social": "social sns twitter x facebook instagram ソーシャル",
                "in_person": "in_person in-person inperson store shop 対面 店頭 来店 来社",
                "paper": "paper letter fax post 手紙 郵送 郵便 ファックス はがき",
            },
            is_open=True,
        ),
        Part(
            "direction",
            "choice",
            "direction inboundoutbound 方向 受発信 受発信区分 発信受信",
            {
                "in": "in inbound incoming received 受信 着信 受電 入電",
                "out": "out outbound outgoing sent 発信 送信 架電 返信",
            },
        ),
        CASE,
        Part("agent", "text", "agent agentname operator assignee staff 対応者 担当者 オペレーター"),
        Part("subject", "free", "subject title topic 件名 タイトル 表題"),
        Part("text", "free", "text body message content notes 内容 本文 対応内容 問い合わせ内容"),
        Part(
            "wait_seconds",
            "number",
            "waitseconds waittime wait queueseconds 待ち時間秒 待ち時間 待機秒数",
        ),
        Part("minutes", "number", "minutes durationminutes handleminutes 対応時間分 対応時間 分数"),
        Part("transfers", "whole", "transfers transfercount 転送回数 引き継ぎ回数"),
        Part("outcome", "text", "outcome result resolution disposition 結果 対応結果"),
    ),
    ("interaction_id",),
    is_named_by_content=True,
)

RESPONSES = Spec(
    "responses",
    "response_id",
    (
        Part("response_id", "id", "responseid answerid surveyresponseid 回答id 回答番号"),
        CUSTOMER,
        Part(
            "answered_at",
            "moment",
            """answeredat respondedat submittedat responsedate completedat createdat timestamp
            datetime date 回答日時 回答日 送信日時 日時 日付""",
        ),
        Part("survey", "text", "survey surveyname form アンケート アンケート名 調査名"),
        Part(
            "kind",
            "choice",
            "kind metric surveytype questiontype type 種別 指標 設問種別",
            {
                "nps": "nps netpromoterscore",
                "csat": "csat satisfaction 満足度 顧客満足度",
                "ces": "ces ces2 ces2.0",
                "ces1": "ces1 ces1.0",
                "custom": "custom other その他",
            },
        ),
        Part("score", "number", "score rating nps csat ces answer value 点数 スコア 評価 回答"),
        Part("scale_low", "number", "scalelow scalemin minscore 最小値 尺度最小"),
        Part("scale_high", "number", "scalehigh scalemax maxscore 最大値 尺度最大"),
        Part(
            "comment",
            "free",
            "comment comments feedback verbatim text コメント 自由記述 自由回答 ご意見 理由",
        ),
        CASE,
    ),
    ("response_id",),
    is_named_by_content=True,
)

COSTS = Spec(
    "costs",
    "cost_id",
    (
        Part("cost_id", "id", "costid expenseid id 費用id 費用番号"),
        Part(
            "kind",
            "choice",
            "kind costtype category type 種別 費用種別 区分 費目",
            {
                "acquisition": "acquisition marketing advertising ads ad 獲得 広告 広告費 集客",
                "service": "service support serving 対応 サポート サービス",
                "programme": "programme program loyalty retention 施策 ロイヤルティ 販促施策",
            },
            default="acquisition",
        ),
        Part("channel", "text", CHANNEL_SYNONYMS),
        Part(
            "from_on",
            "day",
            "fromon from startdate month date period 開始日 対象月 年月 月 期間開始 日付 計上月",
        ),
        Part("until_on", "day", "untilon until to enddate 終了日 期間終了"),
        Part("amount", "money", AMOUNT),
        CURRENCY,
        CUSTOMER,
        Part("note", "free", "note notes memo description remark 備考 メモ 摘要 内容"),
    ),
    ("cost_id",),
    is_named_by_content=True,
)

SPECS: dict[str, Spec] = {
    spec.table: spec
    for spec in (CUSTOMERS, CONTRACTS, CONTRACT_CHANGES, EVENTS, INTERACTIONS, RESPONSES, COSTS)
}
