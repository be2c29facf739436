#!/bin/sh
# Puts nginx in front of the site: `sh web.sh petition.example.org`. It may be run again, then without the name.
set -eu
site=${1:-}
cd /srv/petition/current/deploy/nginx

say() { echo "web.sh: $*"; }

[ -n "$site" ] || [ -e /etc/nginx/petition-site.conf ] || { say "what is the site's name?" >&2 && exit 1; }
case $site in
*[!a-z0-9.-]* | .* | *. | -*) say "$site is no host name: write petition.example.org, in small letters, without https://" >&2 && exit 1 ;;
esac

say "the rules of the release, and the name of this site"
ln -sfn /srv/petition/current/deploy/nginx /etc/nginx/petition
if [ ! -e /etc/nginx/petition-site.conf ]; then
    sed -e "s/petition\.example\.org/$site/g" -e 's,/etc/letsencrypt/live/petition/,/etc/ssl/petition/,' \
        petition-site.conf.example >/etc/nginx/petition-site.conf
fi
mkdir -p /etc/nginx/petition-errors /var/www/html
cp errors/* /etc/nginx/petition-errors/
# In the languages of this site, and with its own HSTS header, once there are settings.
if [ -r /etc/petition/petition.env ] && command -v petition >/dev/null; then
    made=$(mktemp -d)
    chown petition "$made"
    petition nginx_error_pages "$made" >/dev/null
    install -m 644 "$made"/* /etc/nginx/petition-errors/
    rm -r "$made"
fi
# Whoever has a CDN before the site has linked the other file.
[ -e /etc/nginx/sites-enabled/petition ] || ln -s /etc/nginx/petition/petition.conf /etc/nginx/sites-enabled/petition
# It writes down who asks for what.
rm -f /etc/nginx/sites-enabled/default

# nginx does not start without a certificate, and there is none before certbot has been asked for through nginx. Until then
# there is one that no browser believes; petition-certificate puts certbot's in its place.
if [ ! -e /etc/ssl/petition/fullchain.pem ]; then
    say "a certificate for the time being"
    install -d -m 755 /etc/ssl/petition
    (
        umask 077
        openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 30 -subj "/CN=$site" \
            -keyout /etc/ssl/petition/privkey.pem -out /etc/ssl/petition/fullchain.pem 2>/dev/null
    )
fi
install -m 755 ../bin/petition-certificate /usr/local/sbin/petition-certificate

nginx -t -q
systemctl reload-or-restart nginx
say "nginx serves$(sed -n 's/^server_name\(.*\);/\1/p' /etc/nginx/petition-site.conf)"
