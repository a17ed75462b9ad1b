import { describe, expect, test } from "vitest";
import { judgeName, wordsOf } from "./redaction-names.ts";

const secret = (name: string): boolean => judgeName(wordsOf(name)) !== undefined;

describe("a field's name", () => {
  test.each([
    "password passwd pwd Password PASSWORD pass_word passWord PaSsWoRd user-password db_password DBPassword dbPasswd PGPASSWORD newpassword",
    "passwordConfirmation password_confirmation passwordHash password2 oldPassword passwordNew passphrase passcode smtp_pass userpass passwords pwdHash pinValue otp_old",
    "secret clientSecret client_secret clientsecret CLIENT_SECRET webhookSecret sharedSecret radiusSecret totpSecret secretString psk preSharedKey",
    "token accessToken access_token accesstoken refreshToken csrfToken _token authToken idToken tokenValue passwordResetToken x-amz-security-token jwt",
    "authorization Authorization proxy-authorization cookie Cookie set-cookie Set_Cookie sessionCookie credentials creds",
    "apiKey api_key apikey APIKEY x-api-key apiKeys privateKey private_key ssh_private_key secretKey SecretAccessKey aws_secret_access_key",
    "signing_key APP_KEY encryptionKey masterKey authKey recoveryKey",
    "card cardNumber card_number credit_card creditCard creditcardnumber cc_number cvv CVV2 cvc csc cardCvc card.number",
    "pin PIN pin_code cardPin otp OTP otpCode totp mfaCode mfa_token twoFactorCode 2faCode verificationCode recoveryCodes backup_codes securityAnswer",
    "user[password] user.password customer.apiKey ｐａｓｓｗｏｒｄ snmp_community",
  ])("is secret: %s", (names) => {
    expect(names.split(" ").filter((name) => !secret(name))).toEqual([]);
  });

  test.each([
    "4PbCZy4PWKz3tBr pinColour passCount nextToken page_token tokenCount token_count tokenId tokenType tokenName token_expires_at tokenizer maxTokenCount tokenExpiry",
    "passwordChangedAt password_changed_at passwordPolicy passwordLength passwordSet passwordRequired",
    "cardBrand cardType cardLast4 card_last4 last4 cardExpMonth cardHolder discard cardinality postcard simCard graphics_card",
    "secretary secretName secretId secretArn secretsManager secretVersionId",
    "apiKeyId api_key_name accessKeyId publicKey sshKey keyId keyFingerprint hostKey sortKey primary_key key keys keyboard monkey",
    "pinned pinCount spin shipping opinion otpEnabled totpEnabled cookieConsent authorizationStatus author authority compass bypass passed passenger",
    "country_code errorCode voucherCode coupon_code statusCode postcode code community name email reason url hash salt nonce session sessionId",
  ])("is no secret: %s", (names) => {
    expect(names.split(" ").filter(secret)).toEqual([]);
  });
});
