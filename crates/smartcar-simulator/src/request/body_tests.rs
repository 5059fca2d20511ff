use super::*;
use http_body_util::Full;

async fn length_read(length: usize) -> Option<usize> {
    let body = Full::from(vec![b' '; length]);
    read_body(body).await.ok().map(|bytes| bytes.len())
}

#[tokio::test]
async fn a_body_may_have_one_mebibyte() {
    assert_eq!(length_read(0).await, Some(0));
    assert_eq!(length_read(MAX_BODY).await, Some(MAX_BODY));
    assert_eq!(length_read(MAX_BODY + 1).await, None);
    assert_eq!(length_read(MAX_DISCARDED + 1).await, None);
}
